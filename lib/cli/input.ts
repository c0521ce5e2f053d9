import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { SyncError } from '../core/errors.js';
import { LIMITS } from '../core/object/limits.js';
import type { AgentContext } from './context.js';

/** Lists of paths may be longer than one document. */
const MOST_BYTES = 16 * LIMITS.objectBytes;

/**
 * Reads standard input to its end.
 *
 * @throws {SyncError} `FILE_TOO_LARGE` as soon as it is more than any input could be, `FILE_UNREADABLE`, `ABORTED`
 */
export async function readStdin({ stdin, signal }: AgentContext): Promise<Buffer> {
  return readStream(stdin, 'standard input', signal);
}

/**
 * Reads a password or token: the first line of standard input, without its end.
 *
 * @throws {SyncError} `INPUT_INVALID` when there is none, and the codes of {@link readStdin}
 */
export async function readSecretLine(context: AgentContext): Promise<string> {
  const [line = ''] = (await readStdin(context)).toString('utf8').split(/\r?\n/, 1);
  if (line === '') throw new SyncError('INPUT_INVALID', 'standard input has no first line to read');
  return line;
}

/**
 * Reads a file that the user named, wherever it is; `-` is standard input.
 *
 * @throws {SyncError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`, `ABORTED`
 */
export async function readUserFile(context: AgentContext, name: string): Promise<Buffer> {
  if (name === '-') return readStdin(context);
  return readStream(createReadStream(resolve(context.cwd, name)), `'${name}'`, context.signal);
}

/** The arguments after `--`; undefined without one. */
export function argumentsAfterDashes(argv: readonly string[]): readonly string[] | undefined {
  const dashes = argv.indexOf('--');
  return dashes < 0 ? undefined : argv.slice(dashes + 1);
}

async function readStream(stream: Readable, what: string, signal: AbortSignal): Promise<Buffer> {
  const interrupt = () => stream.destroy(new SyncError('ABORTED', `interrupted while reading ${what}`));
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new SyncError('FILE_TOO_LARGE', `${what} has more than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new SyncError('FILE_NOT_FOUND', `there is no file ${what}`, { cause });
    throw new SyncError('FILE_UNREADABLE', `cannot read ${what}: ${reason(cause)}`, { cause });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** Node's message is `EACCES: permission denied, open '/absolute/path'`. */
function reason(cause: unknown): string {
  return (cause as Error).message.replace(/^E[A-Z0-9]+: /, '').split(',', 1)[0]!;
}
