import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../lib/cli/main.js';
import type { Ran } from './shell.js';

/** What a command came to. */
export interface Ended {
  readonly code: number;
  /** What `--json` printed. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly err: string;
}

/** Where and with what a command runs. */
export interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** What stands on standard input. */
  readonly input?: string;
}

/** Runs a command line in this process: all of the program but its start, where there are too many to start it for each. */
export async function runText(argv: readonly string[], { cwd, env, input = '' }: Place): Promise<Ran> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const [out, err] = [text(stdout), text(stderr)];
  const { signal } = new AbortController();
  const code = await main(argv, { stdin, stdout, stderr, env, cwd, signal });
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}

/** Runs a command line with `--json` in this process. */
export async function runHere(argv: readonly string[], place: Place): Promise<Ended> {
  const { code, out, err } = await runText([...argv, '--json'], place);
  return { code, document: JSON.parse(out || '{}'), err };
}
