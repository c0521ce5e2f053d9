import { SyncError } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';

/** Three parts in base64url, the first of which begins with `{"`. */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;
const SUPABASE_HOST = /^https:\/\/([a-z0-9-]+)\.supabase\.co(?:\/|$)/;

/**
 * Checks a key or token before it is sent anywhere; the failure does not show it.
 *
 * @throws {SyncError} `CONFIG_INVALID` for what cannot be one, `SERVICE_KEY_REFUSED` for one that every policy makes way for
 */
export function checkSecret(secret: string): void {
  // Node would quote the whole of it in its complaint about an invalid header.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new SyncError('CONFIG_INVALID', "the origin's key or token is not one line of ASCII");
  }
  if (!secret.startsWith('sb_secret_') && readClaims(secret)?.role !== 'service_role') return;
  throw new SyncError('SERVICE_KEY_REFUSED', 'the key or token is a secret one of the whole Supabase project', {
    hint: 'It passes every check of who may do what, and belongs on servers only. Use the publishable (anon) key and a login of your own. Replace it in the dashboard if it was in a file, a chat or a history of commands.',
  });
}

/** What a JWT says, unchecked; undefined for anything else. */
export function readClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** A value of the environment, and what it is to be. */
export interface GivenSecret {
  readonly variable: string;
  readonly value: string | undefined;
  readonly is: 'key' | 'token';
}

/**
 * Checks what a variable holds that sync.yaml names: whoever writes that file could otherwise have any secret of the environment sent
 * to an address of theirs, and a token for one Supabase project to another one.
 *
 * @param url the origin's
 * @throws {SyncError} `CONFIG_INVALID`, before anything is sent, and without the value
 */
export function checkGiven(url: string, { variable, value, is }: GivenSecret): void {
  if (value === undefined || value.startsWith('sb_secret_')) return;
  const fits = JWT.test(value) || (is === 'key' && /^sb_publishable_[\w-]+$/.test(value));
  if (!fits) {
    const form =
      is === 'key' ? 'a publishable key (sb_publishable_…) or an anon key (a JWT)' : "a user's access token (a JWT)";
    throw new SyncError(
      'CONFIG_INVALID',
      `the environment variable ${variable} holds no ${is} of a Supabase project; it was not sent`,
      {
        hint: `Set it to ${form}, or name another variable in .agent/etc/sync.yaml.`,
      },
    );
  }
  const issuer = readClaims(value)?.iss;
  const [asked, meant] = [url, issuer].map((text) =>
    typeof text === 'string' ? SUPABASE_HOST.exec(text)?.[1] : undefined,
  );
  if (asked === undefined || meant === undefined || asked === meant) return;
  throw new SyncError(
    'CONFIG_INVALID',
    `the ${is} in ${variable} is for another Supabase project than ${url}; it was not sent`,
    {
      hint: 'Is the URL in .agent/etc/sync.yaml the right one? Did somebody change it?',
    },
  );
}
