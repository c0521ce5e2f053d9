import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/** A process that has the folder among its arguments. */
export interface FolderProcess {
  readonly pid: number;
  readonly args: string;
}

/** What runs for an origin's folder: its daemon, watchdogs and programs, but not what only has a file of it open. */
export function processesOf(directory: string): FolderProcess[] {
  return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 1 << 24 })
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match?.[2]?.includes(directory))
    .map((match) => ({ pid: Number(match?.[1]), args: match?.[2] ?? '' }));
}

/** Waits for processes that are nobody's children here; answers those that are still there after ten seconds. */
export async function untilNoProcess(directory: string): Promise<FolderProcess[]> {
  for (let tries = 0; tries < 500 && processesOf(directory).length > 0; tries++) await wait(20);
  return processesOf(directory);
}
