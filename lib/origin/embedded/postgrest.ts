import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.js';
import { type Child, startChild } from './child.js';
import type { Layout } from './layout.js';
import type { Programs } from './programs.js';

/** How to run PostgREST. */
export interface PostgrestOptions {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly account: Account | undefined;
  readonly jwtSecret: string;
  readonly signal: AbortSignal | undefined;
}

/** The socket on which PostgREST answers. */
export function postgrestSocket(layout: Layout): string {
  return join(layout.sockets, 'postgrest.sock');
}

/**
 * Starts PostgREST with a hosted project's settings and resolves when it has read the schema.
 *
 * @throws {SyncError} `ORIGIN_FAILED`, `ABORTED`
 */
export async function startPostgrest(options: PostgrestOptions): Promise<Child> {
  const { layout, programs, account, jwtSecret, signal } = options;
  const configFile = join(layout.run, 'postgrest.conf');
  const config: Record<string, string | number | boolean> = {
    'db-uri': `postgresql://authenticator@/postgres?host=${encodeURIComponent(layout.sockets)}`,
    'db-schemas': 'public, agent_sync',
    'db-extra-search-path': 'public, extensions',
    'db-anon-role': 'anon',
    'db-max-rows': 1000,
    'db-config': false,
    'db-pool': 20,
    'jwt-secret': jwtSecret,
    'server-unix-socket': postgrestSocket(layout),
    'server-unix-socket-mode': '600',
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${quote(value)}\n`);
  rmSync(configFile, { force: true });
  writeFileSync(configFile, lines.join(''), { mode: 0o600 });
  if (account) chownSync(configFile, account.uid, account.gid);
  rmSync(postgrestSocket(layout), { force: true });
  const child = startChild({
    name: 'PostgREST',
    command: programs.postgrest,
    args: [configFile],
    account,
    pidFile: layout.pidFile('postgrest'),
    logFile: layout.logFile('postgrest'),
    signal,
  });
  try {
    await child.line(/Schema cache loaded/);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** In this format a dollar sign starts an interpolation, unless doubled. */
function quote(value: string | number | boolean): string {
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('$', '$$$$') : String(value);
}
