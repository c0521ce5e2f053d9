import type { ProcessContext } from './context.js';

/**
 * Listens for failures of standard output and error, which otherwise end the process wherever it is.
 *
 * A reader that has seen enough (`agent sync log | head -1`) is no failure: the command finishes, and its exit code counts.
 *
 * @returns to be called at the end: waits until all is written, and answers the exit code, 128 if output was lost
 */
export function watchOutput({ stdout, stderr }: ProcessContext): (code: number) => Promise<number> {
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error) => {
    failure = error;
  });
  stderr.on('error', () => {});
  return async (code) => {
    await new Promise<void>((resolve) => stdout.write('', () => resolve()));
    if (failure === undefined || failure.code === 'EPIPE') return code;
    stderr.write(`fatal: cannot write to standard output: ${failure.message}\n`);
    return 128;
  };
}
