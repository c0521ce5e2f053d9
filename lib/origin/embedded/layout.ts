import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { SyncError } from '../../core/errors.js';
import { type Account, findUnenterable } from './account.js';

/** Where an origin keeps what it has, all below one folder. */
export interface Layout {
  readonly directory: string;
  /** PostgreSQL's cluster. */
  readonly data: string;
  /** Sockets, pid files and PostgREST's configuration, for the programs' account only. */
  readonly run: string;
  /** Usually `run`; a short folder in /tmp where that path would be too long for a socket. */
  readonly sockets: string;
  /** Programs that could not be used where npm put them. */
  readonly programs: string;
  /** What the origin would send as mail, a file each. */
  readonly mail: string;
  readonly keysFile: string;
  readonly recordFile: string;
  readonly lockFile: string;
  pidFile(program: string): string;
  logFile(program: string): string;
}

/** The programs whose pid files may be found in `run`. */
export const PROGRAM_NAMES = ['postgrest', 'postgres', 'initdb'] as const;

// sockaddr_un holds 108 bytes on Linux and 104 on macOS, the terminating zero included (unix(7), unix(4)).
const SOCKET_PATH_BYTES = 103;
const LONGEST_SOCKET_NAME = '.s.PGSQL.5432.lock';

/** Where the origin of this machine lives unless told otherwise. */
export function defaultOriginDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.getuid?.() === 0) return '/var/lib/agent-sync/origin';
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local/share'), 'agent-sync/origin');
}

/** Names the parts of an origin; touches nothing. */
export function layoutOf(directory: string, sockets?: string): Layout {
  const root = canonical(resolve(directory));
  const run = join(root, 'run');
  return {
    directory: root,
    data: join(root, 'data'),
    run,
    sockets: sockets ?? run,
    programs: join(root, 'programs'),
    mail: join(root, 'mail'),
    keysFile: join(root, 'keys.json'),
    recordFile: join(root, 'running.json'),
    lockFile: join(root, 'lock'),
    pidFile: (program) => join(run, `${program}.pid`),
    logFile: (program) => join(root, 'log', `${program}.log`),
  };
}

/**
 * Makes the folders of an origin, or finds them made, with the modes and owners that keep others out.
 *
 * @throws {SyncError} `ORIGIN_FAILED` when the folder holds something else, or the programs' account cannot reach it
 */
export function prepareDirectory(directory: string, account: Account | undefined): Layout {
  const layout = layoutOf(directory);
  const unenterable = account && findUnenterable(existingAbove(layout.directory), account);
  if (unenterable) {
    throw new SyncError(
      'ORIGIN_FAILED',
      `PostgreSQL does not run as root, and the account it runs as here (uid ${account.uid}) may not enter ${unenterable}`,
      { hint: `Name a folder outside of ${unenterable}, such as ${defaultOriginDirectory()}.` },
    );
  }
  try {
    makeFolders(layout.directory);
    const names = readdirSync(layout.directory);
    if (names.length > 0 && !names.includes('lock')) {
      throw new SyncError('ORIGIN_FAILED', `${layout.directory} holds files that are not an origin's`, {
        hint: 'Name an empty folder, or one that does not exist.',
      });
    }
    closeSync(openSync(layout.lockFile, 'a', 0o600));
    chmodSync(layout.directory, account ? 0o711 : 0o700);
    mkdirSync(join(layout.directory, 'log'), { recursive: true, mode: 0o700 });
    makePrivate(layout.run, account);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    throw new SyncError('ORIGIN_FAILED', `cannot use ${layout.directory}: ${(cause as Error).message}`, { cause });
  }
  return layout;
}

/** The same layout with a folder for sockets whose path is short enough. */
export function withSockets(layout: Layout, account: Account | undefined): Layout {
  if (Buffer.byteLength(join(layout.run, LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES) return layout;
  const sockets = mkdtempSync('/tmp/agent-sync-');
  makePrivate(sockets, account);
  return layoutOf(layout.directory, sockets);
}

/** The one path of a folder, there yet or not: processes are told by it. */
function canonical(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(canonical(dirname(path)), basename(path));
}

/** The nearest folder above that is there. */
function existingAbove(path: string): string {
  const above = dirname(path);
  return existsSync(above) ? above : existingAbove(above);
}

/** Makes missing folders above such that they can be entered, whatever the umask. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path);
  chmodSync(path, 0o755);
}

function makePrivate(folder: string, account: Account | undefined): void {
  if (!existsSync(folder)) mkdirSync(folder);
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
}
