import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OriginConfig } from './config/sync-config.js';
import { SyncError } from './core/errors.js';
import type { Remote } from './core/ports.js';
import { type Caller, callerHeaders } from './origin/caller.js';
import { openStore } from './store/open-store.js';

/** An origin, and whether its address still leads to it. */
export interface Connection {
  readonly remote: Remote;
  readonly isCurrent: () => boolean;
}

/**
 * Prepares to talk to a project's origin; one at an address on the network is not asked anything yet.
 *
 * @param root what the path of a `file:` origin is relative to
 * @param create whether a `file:` origin that is not there is made
 * @param caller what the origin's audit is told
 * @throws {SyncError} `ORIGIN_NOT_CONFIGURED`, `ORIGIN_KEY_MISSING`, `ORIGIN_UNREACHABLE`, `CONFIG_INVALID`
 */
export async function connect(
  root: string,
  origin: OriginConfig | undefined,
  env: Readonly<Record<string, string | undefined>>,
  create: boolean,
  caller: Caller,
): Promise<Connection> {
  if (!origin) {
    throw new SyncError('ORIGIN_NOT_CONFIGURED', 'this project has no origin to talk to', {
      hint: "Name one with 'agent sync init --origin URL', or in .agent/etc/sync.yaml. Everything local works without.",
    });
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
  const key = env[origin.keyEnv];
  if (!key) {
    throw new SyncError(
      'ORIGIN_KEY_MISSING',
      `the origin ${origin.url} wants a key, and the environment variable ${origin.keyEnv} is not set`,
      {
        hint: `Set ${origin.keyEnv} to the project's publishable (anon) key, and ${origin.tokenEnv} to your access token.`,
      },
    );
  }
  const accessToken = env[origin.tokenEnv];
  const { supabaseRemote } = await import('./origin/supabase/client.js');
  const { url, schema, project, timeout } = origin;
  const deadline = 1000 * timeout;
  const headers = () => callerHeaders(caller);
  const token = accessToken ? { accessToken } : {};
  const remote = supabaseRemote({ url, key, schema, project, deadline, headers, ...token });
  return { remote, isCurrent: () => true };
}

function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
