import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** A process that has the folder among its arguments. */
export interface FolderProcess {
  readonly pid: number;
  readonly args: string;
}

/** What runs for an origin's folder: its daemon, watchdogs and programs, but not what only has a file of it open. */
export function processesOf(directory: string): FolderProcess[] {
  return allProcesses().filter(({ args }) => args.includes(directory));
}

/** Waits for processes that are nobody's children here; answers those that are still there after ten seconds. */
export async function untilNoProcess(directory: string): Promise<FolderProcess[]> {
  for (let tries = 0; tries < 500 && processesOf(directory).length > 0; tries++) await wait(20);
  return processesOf(directory);
}

function allProcesses(): FolderProcess[] {
  // Slim containers come without ps.
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), args: argumentsOf(name) }));
  }
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => {
    const [pid = '', ...args] = line.trim().split(' ');
    return { pid: Number(pid), args: args.join(' ') };
  });
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended since the folder was listed.
    return '';
  }
}
