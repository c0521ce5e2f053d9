import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;

/** Whether the process lives and has `directory` among its arguments; pid numbers alone are used again. */
export function runsFor(pid: number, directory: string): boolean {
  return commandLine(pid).includes(directory);
}

/** Sends the signal and watches until the process is gone; false when it stays longer than `limit` milliseconds. */
export async function endProcess(pid: number, signal: NodeJS.Signals, limit: number): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
  // A process that is not our child gives no notice of its end.
  for (let waited = 0; commandLine(pid) !== ''; waited += POLL_MS) {
    if (waited >= limit) return false;
    await wait(POLL_MS);
  }
  return true;
}

/** Whether a number is that of a process, be it one that has ended and was not asked how. */
export function isUsed(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits while a process that has ended still has its number, `limit` milliseconds at most. */
export async function untilGone(pid: number, limit: number): Promise<void> {
  for (let waited = 0; waited < limit && isUsed(pid) && commandLine(pid) === ''; waited += POLL_MS) await wait(POLL_MS);
}

/** Whether some process has the folder for its current one; true where the system does not tell. */
export function worksIn(directory: string): boolean {
  if (process.platform !== 'linux') return true;
  const place = realpathSync(directory);
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && currentFolder(pid) === place);
}

function currentFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // A process of somebody else does not tell; one that has ended has none.
    return undefined;
  }
}

/** Empty when there is no such process, or only a zombie that still has the number. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
