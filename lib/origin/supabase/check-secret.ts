import { SyncError } from '../../core/errors.js';
import { isRecord } from './answers.js';

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
