import { packageVersion } from '../version.js';
import type { ProcessContext } from './context.js';
import { watchOutput } from './pipes.js';

/**
 * Runs one command line.
 *
 * @param argv without node and script
 * @returns the exit code, as git gives them: 0 done, 1 "no", 128 failed, 129 misused, 130 interrupted
 */
export async function main(argv: readonly string[], processContext: ProcessContext): Promise<number> {
  const settle = watchOutput(processContext);
  return settle(await run(argv, processContext));
}

async function run(argv: readonly string[], processContext: ProcessContext): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
    processContext.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const { runCommand } = await import('./run.js');
  return runCommand(argv, { ...processContext, argv, colorDepth: 1 });
}
