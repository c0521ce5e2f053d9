import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

/** Empty when there is no such process, or only a zombie that still has the number. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
