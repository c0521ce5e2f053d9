import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { SyncError } from '../../core/errors.js';
import type { Account } from './account.js';

/** A program to run for as long as this process lives. */
export interface ChildOptions {
  /** For messages, such as `PostgreSQL`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly account: Account | undefined;
  /** Gets the process id of the program, so that it can be found when its watchdog was killed too. */
  readonly pidFile: string;
  /** Gets what the program writes to stderr; emptied at the start. */
  readonly logFile: string;
  readonly signal: AbortSignal | undefined;
}

/** A running program. */
export interface Child {
  /**
   * Resolves with the first line on stderr that matches.
   *
   * @throws {SyncError} `ORIGIN_FAILED` when the program ends before or takes too long, `ABORTED`
   */
  line(pattern: RegExp): Promise<void>;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks the program to end and resolves when it has, or after a while that none needs. */
  stop(): Promise<void>;
  /** What it last wrote to stderr. */
  lastLines(): string;
}

/**
 * Runs a program below a shell that holds a pipe from this process. When the pipe closes, be it by `stop` or because
 * this process was killed, the shell ends the program. PostgreSQL closes its connections on SIGINT only, but a shell
 * starts background programs with SIGINT ignored; SIGTERM before it reaches one that has set no handlers yet.
 */
const WATCHDOG = `
exec 3<&0
pidfile=$1
shift
"$@" </dev/null 3<&- &
child=$!
echo $child >"$pidfile"
(
  read -r _ <&3
  kill -s TERM $child
  kill -s INT $child
) </dev/null >/dev/null 2>&1 &
watcher=$!
wait $child
code=$?
kill $watcher 2>/dev/null
wait $watcher 2>/dev/null
exit $code
`;

const LINES_KEPT = 20;
const READY_MS = 60_000;
const STOP_MS = 15_000;
const LAST_LINE_MS = 200;

// Nothing of the user's environment reaches the programs: PGDATA and its like would change what they do.
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Starts the program; see {@link ChildOptions}. */
export function startChild(options: ChildOptions): Child {
  const { name, command, args, account, pidFile, logFile, signal } = options;
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'agent-sync-watchdog', pidFile, command, ...args], {
    // A session of its own: an interrupt typed at the terminal is for this process to handle.
    detached: true,
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'pipe'],
    ...account,
  });
  const log = createWriteStream(logFile, { mode: 0o600 });
  const lines: string[] = [];
  const reader = createInterface(child.stderr);
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    log.write(`${line}\n`);
  });
  // PostgreSQL's own children may write after it has ended: the log ends when the last of them closes the pipe.
  const lastLine = once(reader, 'close').then(() => log.end());
  // Neither a full disk nor a program that went first is a reason to fail.
  log.on('error', () => {});
  child.stdin.on('error', () => {});
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', async (code) => {
      child.stdin.destroy();
      await Promise.race([lastLine, wait(LAST_LINE_MS)]);
      resolve(code);
    });
  });

  return {
    exited,
    lastLines: () => lines.join('\n'),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (what: string) =>
          reject(
            new SyncError('ORIGIN_FAILED', `${name} ${what}:\n${lines.join('\n')}`, { hint: `Its log is ${logFile}.` }),
          );
        const abort = () => reject(new SyncError('ABORTED', `starting ${name} was interrupted`));
        const look = (line: string) => {
          if (pattern.test(line)) resolve();
        };
        lines.forEach(look);
        reader.on('line', look);
        void exited.then((code) => fail(`ended (exit code ${code}) before it was ready`));
        AbortSignal.timeout(READY_MS).addEventListener('abort', () => fail(`was not ready after ${READY_MS / 1000} s`));
        signal?.addEventListener('abort', abort, { once: true });
        if (signal?.aborted) abort();
      }),
    stop: async () => {
      child.stdin.end();
      const patience = new AbortController();
      await Promise.race([exited, wait(STOP_MS, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
    },
  };
}
