import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, SyncError } from '../../core/errors.js';
import { databaseClient } from './database.js';
import { loadDependencies, packageRoot } from './dependencies.js';
import { loadKeys } from './keys.js';
import { type Layout, layoutOf } from './layout.js';
import { isLocked, takeLock } from './lock.js';
import { SUPERUSER } from './postgres.js';
import { endProcess, runsFor } from './processes.js';
import { livePrograms, reapPrograms } from './reap.js';
import { readRecord } from './record.js';
import type { EmbeddedOriginOptions } from './start.js';
import { addOriginUser, type OriginUser, type UserOptions } from './users.js';

/** What a folder's origin is doing. `stale`: it was killed, and left processes or marks that the next start removes. */
export type OriginStatus =
  | { readonly state: 'stopped' }
  | { readonly state: 'stale' | 'starting'; readonly pids: readonly number[] }
  | { readonly state: 'running'; readonly url: string; readonly pids: readonly number[] };

/** Where and with which key to reach an origin that runs. */
export interface RunningOrigin {
  readonly url: string;
  readonly key: string;
  readonly legacyKey: string;
  /** False when it ran already. */
  readonly started: boolean;
}

/** What the daemon is told, as JSON, besides the folder. */
export type StartOptions = Pick<EmbeddedOriginOptions, 'port' | 'durable'>;

/** The one message of the daemon to the process that started it. */
export type DaemonMessage =
  | { readonly ready: true }
  | { readonly ready: false; readonly code: ErrorCode; readonly message: string; readonly hint: string | null };

/** How to start the daemon. */
export interface DaemonOptions {
  readonly port?: number;
  /** False gives up on surviving a power failure, for speed in tests. */
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
}

const STOP_MS = 30_000;

/** What the origin of a folder is doing; changes nothing. */
export function daemonStatus(directory: string): OriginStatus {
  const layout = layoutOf(directory);
  if (!existsSync(layout.lockFile)) return { state: 'stopped' };
  const record = readRecord(layout);
  const programs = [...livePrograms(layout).values()];
  if (!isLocked(layout.lockFile)) {
    return record || programs.length > 0 ? { state: 'stale', pids: programs } : { state: 'stopped' };
  }
  const pids = record ? [record.pid, ...programs] : programs;
  return record?.url ? { state: 'running', url: record.url, pids } : { state: 'starting', pids };
}

/**
 * Starts an origin in a process of its own and resolves when it answers; one that runs already is left as it is.
 *
 * @throws {SyncError} `DEPENDENCY_MISSING`, `ORIGIN_FAILED`, `ABORTED`
 */
export async function startDaemon(directory: string, options: DaemonOptions = {}): Promise<RunningOrigin> {
  const layout = layoutOf(directory);
  const started = daemonStatus(directory).state !== 'running';
  if (started) await launch(layout, options);
  const { jose } = await loadDependencies();
  const keys = await loadKeys(layout, jose);
  return { url: runningRecord(layout).url, key: keys.publishableKey, legacyKey: keys.anonKey, started };
}

/**
 * Ends the origin of a folder, or what a killed one left, and resolves when no process of it remains.
 *
 * @returns false when there was nothing to end
 * @throws {SyncError} `ORIGIN_FAILED` when it belongs to a process that does more than run it
 */
export async function stopDaemon(directory: string): Promise<boolean> {
  const layout = layoutOf(directory);
  const { state } = daemonStatus(directory);
  if (state === 'stopped') return false;
  const record = readRecord(layout);
  if (state !== 'stale' && record) {
    if (!record.daemon || !runsFor(record.pid, layout.directory)) {
      throw new SyncError('ORIGIN_FAILED', `the origin in ${layout.directory} runs within process ${record.pid}`, {
        hint: 'It ends with that process.',
      });
    }
    if (!(await endProcess(record.pid, 'SIGTERM', STOP_MS))) await endProcess(record.pid, 'SIGKILL', STOP_MS);
  }
  const lock = takeLock(layout.lockFile);
  if (!lock) throw new SyncError('ORIGIN_FAILED', `the origin in ${layout.directory} was started again meanwhile`);
  try {
    await reapPrograms(layout);
  } finally {
    lock.release();
  }
  return true;
}

/**
 * Makes a user of an origin that runs, or finds it by name, and an access token for it.
 *
 * @throws {SyncError} `ORIGIN_UNREACHABLE` when it does not run, `DEPENDENCY_MISSING`
 */
export async function addUser(directory: string, name: string, user: UserOptions = {}): Promise<OriginUser> {
  const layout = layoutOf(directory);
  const { sockets } = runningRecord(layout);
  const { pg, jose } = await loadDependencies();
  const client = databaseClient(pg, sockets, SUPERUSER);
  await client.connect();
  try {
    return await addOriginUser(client, jose, await loadKeys(layout, jose), name, user);
  } finally {
    await client.end();
  }
}

function runningRecord(layout: Layout): { readonly url: string; readonly sockets: string } {
  const record = daemonStatus(layout.directory).state === 'running' ? readRecord(layout) : undefined;
  if (record?.url) return { url: record.url, sockets: record.sockets };
  throw new SyncError('ORIGIN_UNREACHABLE', `no origin is running in ${layout.directory}`, {
    hint: 'Start it with `agent origin start`.',
  });
}

async function launch(layout: Layout, { port, durable = true, signal }: DaemonOptions): Promise<void> {
  const program = join(packageRoot(), 'dist/lib/origin/embedded/daemon.js');
  const options: StartOptions = { durable, ...(port === undefined ? {} : { port }) };
  const child = spawn(process.execPath, [program, layout.directory, JSON.stringify(options)], {
    detached: true,
    cwd: '/',
    // It outlives this command, and keys and tokens in this command's environment are none of its business.
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const abort = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as DaemonMessage),
    once(child, 'exit').then(() => undefined),
  ]);
  signal?.removeEventListener('abort', abort);
  if (child.connected) child.disconnect();
  if (!answer) {
    if (signal?.aborted) throw new SyncError('ABORTED', 'starting the origin was interrupted');
    throw new SyncError('ORIGIN_FAILED', 'the process of the origin ended before it was ready', {
      hint: `Its logs are beside ${layout.logFile('postgres')}.`,
    });
  }
  if (!answer.ready) {
    if (child.exitCode === null) await once(child, 'exit');
    throw new SyncError(answer.code, answer.message, answer.hint === null ? {} : { hint: answer.hint });
  }
  child.unref();
}
