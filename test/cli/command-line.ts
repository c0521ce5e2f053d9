import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../lib/cli/main.js';

/** What a command came to. */
export interface Ended {
  readonly code: number;
  /** What `--json` printed. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly err: string;
}

/**
 * Runs a command line with `--json` in this process: all of the program but its start, where there are too many to start it for
 * each.
 */
export async function runHere(argv: readonly string[], place: Place): Promise<Ended> {
  const { out, ...ended } = await runTextHere([...argv, '--json'], place);
  return { ...ended, document: JSON.parse(out || '{}') };
}

/** Where a command runs. */
export interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
}

/** The same without `--json`. */
export async function runTextHere(
  argv: readonly string[],
  { cwd, env }: Place,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const [out, err] = [text(stdout), text(stderr)];
  const { signal } = new AbortController();
  const code = await main([...argv], { stdin, stdout, stderr, env, cwd, signal });
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}
