import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../../core/errors.js';
import { type Layout, PROGRAM_NAMES } from './layout.js';
import { endProcess, isUsed, runsFor, untilGone, worksIn } from './processes.js';
import { readRecord, removeRecord } from './record.js';

const GRACE_MS = 15_000;

/** The process ids of this folder's programs that are still alive, by name. */
export function livePrograms(layout: Layout): Map<string, number> {
  const live = new Map<string, number>();
  for (const name of PROGRAM_NAMES) {
    const file = layout.pidFile(name);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (pid > 0 && runsFor(pid, layout.directory)) live.set(name, pid);
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
    const ended = await endProcess(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM', GRACE_MS);
    if (!ended && !(await endProcess(pid, 'SIGKILL', GRACE_MS))) {
      throw new SyncError('ORIGIN_FAILED', `process ${pid} (${name}) of an earlier start does not end`);
    }
  }
  for (const name of PROGRAM_NAMES) rmSync(layout.pidFile(name), { force: true });
  await freeData(layout);
  for (const sockets of [layout.sockets, readRecord(layout)?.sockets ?? layout.run]) {
    if (sockets !== layout.run) rmSync(sockets, { recursive: true, force: true });
  }
  removeRecord(layout);
}

const DYING_MS = 10_000;

/**
 * Sees to it that PostgreSQL does not take its own lock file for that of a server that runs: it only asks whether the number in it
 * is in use, and it is while a killed server is still going, where nobody asks how it ended, or when another program got it.
 */
async function freeData({ data }: Layout): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
  if (!(pid > 0)) return;
  await untilGone(pid, DYING_MS);
  // Its workers end with it; one that still did would hold the data.
  if (isUsed(pid) && !worksIn(data)) rmSync(file, { force: true });
}
