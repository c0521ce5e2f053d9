import { resolve } from 'node:path';
import { ORIGIN_DEFAULTS } from './config/config-defaults.js';
import { accessOptions, connect, originAccess, originNotConfigured } from './connect.js';
import { SyncError } from './core/errors.js';
import { KnownSecrets } from './core/known-secrets.js';
import { NO_TELEMETRY } from './core/metrics/no-telemetry.js';
import type { OriginAccess, Role } from './core/ports.js';
import type { OpenOptions } from './open.js';
import { CONFIG_FILE, findUpwards, readConfig } from './project.js';
import { packageVersion } from './version.js';

/** What logging in, logging out, and asking who one is take. */
export interface LoginPlace {
  readonly access: OriginAccess;
  /** The project that the folder belongs to, if the origin is its own. */
  readonly project: string | undefined;
  /** A user's role in the project; null for who has none, or may not ask. */
  roleOf(userId: string): Promise<Role | null>;
}

/**
 * Finds the origin to log in at.
 *
 * @param url the one that the project of the folder names when left out
 * @throws {SyncError} `ORIGIN_NOT_CONFIGURED`, `CONFIG_INVALID`, `USAGE` for an origin that is a file
 */
export async function openLogin(
  directory: string,
  url: string | undefined,
  options: OpenOptions = {},
): Promise<LoginPlace> {
  const { isOriginUrl } = await import('./config/sync-config.js');
  if (url !== undefined && !isOriginUrl(url)) {
    throw new SyncError(
      'USAGE',
      'the URL of an origin is https://HOST, or http://127.0.0.1:PORT for one on this machine',
    );
  }
  const root = findUpwards(resolve(directory), CONFIG_FILE);
  const configured = root === undefined ? undefined : (await readConfig(root))?.origin;
  const isOwn = url === undefined || url === configured?.url;
  const origin = isOwn ? configured : { ...(configured ?? ORIGIN_DEFAULTS), url, project: '' };
  if (!origin) throw originNotConfigured("Name it with '--origin URL', or in .agent/etc/sync.yaml.");
  if (origin.url.startsWith('file:')) {
    throw new SyncError('USAGE', 'an origin that is a file asks for no login', {
      hint: 'Whoever may write the file may push.',
    });
  }
  const access = accessOptions(options, new KnownSecrets());
  return {
    access: await originAccess(origin, access),
    project: isOwn ? origin.project : undefined,
    roleOf: async (userId) => {
      // Whoever asks who they are need not have a store, nor an actor in it.
      const caller = { version: packageVersion(), actor: async () => userId };
      const telemetry = options.telemetry ?? NO_TELEMETRY;
      const { remote } = await connect(origin, { ...access, root: directory, create: false, caller, telemetry });
      const { roleOf } = await import('./repo/sync/members.js');
      return roleOf(remote, userId);
    },
  };
}
