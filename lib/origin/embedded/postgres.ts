import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../../core/errors.js';
import type { Account } from './account.js';
import { type Child, startChild } from './child.js';
import type { Layout } from './layout.js';
import type { Programs } from './programs.js';

/** The superuser's name, as hosted projects have it; `postgres` is an ordinary role there and here. */
export const SUPERUSER = 'supabase_admin';

/** How to run PostgreSQL. */
export interface PostgresOptions {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly account: Account | undefined;
  /** False gives up on surviving a power failure, for speed. */
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes the database cluster if there is none yet, starts it and resolves when it takes connections: only on a socket
 * in a folder that nobody but its own account and root can enter, which is why it trusts who arrives there.
 *
 * @throws {SyncError} `ORIGIN_FAILED`, `ABORTED`
 */
export async function startPostgres(options: PostgresOptions): Promise<Child> {
  const { layout, programs, account, durable, signal } = options;
  if (!existsSync(layout.data)) await initialize(options);
  const settings = {
    listen_addresses: '',
    unix_socket_directories: layout.sockets,
    max_connections: '60',
    // Neither statements nor the values in them belong in a log file.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    // A segment that is used again keeps what it held, also what was erased since.
    wal_recycle: 'off',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const child = startChild({
    name: 'PostgreSQL',
    command: programs.postgres,
    args: ['-D', layout.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    account,
    pidFile: layout.pidFile('postgres'),
    logFile: layout.logFile('postgres'),
    signal,
  });
  try {
    await child.line(/database system is ready to accept connections/);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** Runs initdb beside and renames, so that a cluster is there whole or not at all. */
async function initialize({ layout, programs, account, durable, signal }: PostgresOptions): Promise<void> {
  const unfinished = `${layout.data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (account) chownSync(unfinished, account.uid, account.gid);
  const child = startChild({
    name: 'initdb',
    command: programs.initdb,
    args: [
      ...['-D', unfinished, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(durable ? [] : ['--no-sync']),
    ],
    account,
    pidFile: layout.pidFile('initdb'),
    logFile: layout.logFile('initdb'),
    signal,
  });
  const abort = () => void child.stop();
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const code = await child.exited;
  signal?.removeEventListener('abort', abort);
  rmSync(layout.pidFile('initdb'), { force: true });
  if (signal?.aborted) throw new SyncError('ABORTED', 'making the database was interrupted');
  if (code !== 0) {
    throw new SyncError(
      'ORIGIN_FAILED',
      `initdb could not make a database (exit code ${code}):\n${child.lastLines()}`,
      {
        hint: `Check that there is room on the disk for ${join(layout.directory)}.`,
      },
    );
  }
  renameSync(unfinished, layout.data);
}
