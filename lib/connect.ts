import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OriginConfig } from './config/sync-config.js';
import { SyncError } from './core/errors.js';
import type { KnownSecrets } from './core/known-secrets.js';
import type {
  AccessToken,
  Auth,
  CredentialStore,
  OpenedAccess,
  OriginAccess,
  Remote,
  Telemetry,
} from './core/ports.js';
import { type Caller, callerHeaders } from './origin/caller.js';
import { openStore } from './store/open-store.js';

/** An origin, and whether its address still leads to it. */
export interface Connection {
  readonly remote: Remote;
  readonly isCurrent: () => boolean;
}

/** What getting into an origin depends on. */
export interface AccessOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened when it is needed. */
  readonly credentials: () => Promise<CredentialStore>;
  /** Gets every key and token that is used. */
  readonly secrets: KnownSecrets;
}

/** What a process has around it. */
export interface Surroundings {
  /** `process.env` when left out. */
  readonly env?: AccessOptions['env'];
  /**
   * Asks the person at work for something that must not be shown while they type it; left out where there is nobody.
   *
   * @returns undefined where there turns out to be nobody
   */
  readonly ask?: (question: string) => Promise<string | undefined>;
}

/** What a process has of an environment and somebody to ask; loads the store of credentials when it is needed. */
export function accessOptions({ env = process.env, ask }: Surroundings, secrets: KnownSecrets): AccessOptions {
  let store: Promise<CredentialStore> | undefined;
  const open = async () => {
    const { credentialStore } = await import('./credentials/credential-store.js');
    return credentialStore({ env, noteSecret: (secret) => secrets.add(secret), ...(ask ? { ask } : {}) });
  };
  return {
    env,
    secrets,
    credentials: () => {
      store ??= open();
      return store;
    },
  };
}

/** What connecting depends on. */
export interface ConnectOptions extends AccessOptions {
  /** What the path of a `file:` origin is relative to. */
  readonly root: string;
  /** Whether a `file:` origin that is not there is made. */
  readonly create: boolean;
  /** What the origin's audit is told. */
  readonly caller: Caller;
  readonly telemetry: Telemetry;
}

/**
 * Prepares to talk to a project's origin; one at an address on the network is not asked anything yet.
 *
 * @throws {SyncError} `ORIGIN_NOT_CONFIGURED`, `ORIGIN_KEY_MISSING`, `ORIGIN_UNREACHABLE`, `CONFIG_INVALID`, `SERVICE_KEY_REFUSED`,
 *   and the codes of `CredentialStore.read`
 */
export async function connect(origin: OriginConfig | undefined, options: ConnectOptions): Promise<Connection> {
  const { root, create, caller, telemetry } = options;
  if (!origin) {
    throw originNotConfigured(
      "Name one with 'agent sync init --origin URL', or in .agent/etc/sync.yaml. Everything local works without.",
    );
  }
  if (origin.url.startsWith('file:')) {
    const { fileRemote } = await import('./origin/file/file-remote.js');
    const path = resolve(root, origin.url.slice('file:'.length));
    if (!create && !existsSync(path)) {
      throw new SyncError('ORIGIN_UNREACHABLE', `the origin ${origin.url} is not there`, {
        hint: "If it lies on another drive, is that connected? 'agent sync init' makes a new one. Everything local works without.",
      });
    }
    // Rollback journal: a shared drive is where such an origin usually lies, and WAL works within one machine only.
    const store = openStore(path, { create, journal: 'rollback', busyTimeoutMs: 30_000 });
    const file = fileIdentity(path);
    // What is written to a file that was moved or replaced reaches nobody.
    return { remote: fileRemote(store, origin.url, caller), isCurrent: () => fileIdentity(path) === file };
  }
  const { key, accessToken } = await (await originAccess(origin, options)).open();
  if (!key) throw keyMissing(origin);
  const { supabaseRemote } = await import('./origin/supabase/client.js');
  const { url, schema, project, timeout } = origin;
  const deadline = 1000 * timeout;
  const headers = () => callerHeaders(caller);
  const token = accessToken ? { accessToken } : {};
  const remote = supabaseRemote({ url, key, schema, project, deadline, headers, telemetry, ...token });
  return { remote, isCurrent: () => true };
}

/** The failure of who has no origin. */
export function originNotConfigured(hint: string): SyncError {
  return new SyncError('ORIGIN_NOT_CONFIGURED', 'there is no origin to talk to', { hint });
}

function keyMissing({ url, keyEnv, tokenEnv }: OriginConfig): SyncError {
  return new SyncError(
    'ORIGIN_KEY_MISSING',
    `the origin ${url} wants a key; there is no login for it, and the environment variable ${keyEnv} is not set`,
    {
      hint: `Log in with 'agent sync login', or set ${keyEnv} to the project's publishable (anon) key, and ${tokenEnv} to your access token.`,
    },
  );
}

/**
 * What this process has to get into an origin with; nothing is sent.
 *
 * @throws {SyncError} `CONFIG_INVALID` for a URL that cannot be one, and for a variable that holds no key or token of this origin
 */
export async function originAccess(
  { url, keyEnv, tokenEnv, timeout }: OriginConfig,
  { env, credentials, secrets }: AccessOptions,
): Promise<OriginAccess> {
  const store = await credentials();
  const { publicUrl } = await import('./origin/supabase/public-url.js');
  const { checkGiven, readClaims } = await import('./origin/supabase/check-secret.js');
  const origin = publicUrl(url);
  const key = env[keyEnv] || undefined;
  const token = env[tokenEnv] || undefined;
  const { sub, email } = readClaims(token ?? '') ?? {};
  const user = typeof sub === 'string' ? { id: sub, email: typeof email === 'string' ? email : null } : undefined;
  secrets.add(key, token);
  checkGiven(origin, { variable: keyEnv, value: key, is: 'key' });
  checkGiven(origin, { variable: tokenEnv, value: token, is: 'token' });

  async function auth(authKey: string): Promise<Auth> {
    const { supabaseAuth } = await import('./origin/supabase/auth.js');
    return supabaseAuth({ url: origin, key: authKey, deadline: 1000 * timeout });
  }

  async function open(): Promise<OpenedAccess> {
    const kept = key && token ? undefined : await store.read(origin);
    const usedKey = key ?? kept?.key;
    const session = kept?.session;
    secrets.add(usedKey, session?.accessToken, session?.refreshToken ?? undefined);
    if (token || !usedKey || !session)
      return { key: usedKey, accessToken: token ? async () => token : undefined, kept };
    const { sessionToken } = await import('./credentials/access-token.js');
    const now = () => Math.floor(Date.now() / 1000);
    const next = sessionToken({ origin, store, auth: () => auth(usedKey), now }, session);
    const accessToken: AccessToken = async (refused) => {
      const given = await next(refused);
      secrets.add(given);
      return given;
    };
    return { key: usedKey, accessToken, kept };
  }

  return { origin, credentials: store, environment: { keyEnv, key, token, user }, open, auth };
}

/**
 * Takes note of what an origin is used with, as far as nobody has to be asked for a passphrase. What cannot be read is used by
 * nobody either.
 */
export async function noteSecrets(origin: OriginConfig, options: AccessOptions): Promise<void> {
  const { env, secrets } = options;
  secrets.add(env.AGENT_SYNC_PASSPHRASE);
  if (origin.url.startsWith('file:')) return;
  const access = await originAccess(origin, options);
  try {
    const place = await access.credentials.find(access.origin);
    if (place?.kind === 'keyring' || (place && env.AGENT_SYNC_PASSPHRASE)) await access.open();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}

function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
