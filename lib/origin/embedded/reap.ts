import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { SyncError } from '../../core/errors.js';
import { type Layout, PROGRAM_NAMES } from './layout.js';
import { readRecord, removeRecord } from './record.js';

const GRACE_MS = 15_000;
const POLL_MS = 20;

/** The process ids of this folder's programs that are still alive, by name. */
export function livePrograms(layout: Layout): Map<string, number> {
  const live = new Map<string, number>();
  for (const name of PROGRAM_NAMES) {
    const file = layout.pidFile(name);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (pid > 0 && commandLine(pid).includes(layout.directory)) live.set(name, pid);
  }
  return live;
}

/**
 * Ends what an origin left behind whose process was killed, and removes its marks. Call it only with the folder's lock.
 *
 * @throws {SyncError} `ORIGIN_FAILED` when a process does not even go when killed
 */
export async function reapPrograms(layout: Layout): Promise<void> {
  for (const [name, pid] of livePrograms(layout)) {
    if (!(await endProcess(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM', GRACE_MS))) {
      if (!(await endProcess(pid, 'SIGKILL', GRACE_MS))) {
        throw new SyncError('ORIGIN_FAILED', `Process ${pid} (${name}) of an earlier start does not end.`);
      }
    }
  }
  for (const name of PROGRAM_NAMES) rmSync(layout.pidFile(name), { force: true });
  for (const sockets of [layout.sockets, readRecord(layout)?.sockets ?? layout.run]) {
    if (sockets !== layout.run) rmSync(sockets, { recursive: true, force: true });
  }
  removeRecord(layout);
}

/** Sends the signal and watches until the process is gone; false when it stays longer than `limit` milliseconds. */
export async function endProcess(pid: number, signal: NodeJS.Signals, limit: number): Promise<boolean> {
  send(pid, signal);
  // A process that is not our child gives no notice of its end.
  for (let waited = 0; isAlive(pid); waited += POLL_MS) {
    if (waited >= limit) return false;
    await wait(POLL_MS);
  }
  return true;
}

function isAlive(pid: number): boolean {
  // A zombie still has its number, but no command line.
  return send(pid, 0) && commandLine(pid) !== '';
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Pid numbers are used again; the arguments tell whose it is. Empty when there is no such process. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
