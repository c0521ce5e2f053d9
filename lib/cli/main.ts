import type { AgentContext, ProcessContext } from './context.js';
import { watchOutput } from './pipes.js';
import { packageVersion } from './version.js';

/**
 * Runs one command line.
 *
 * @param argv without node and script
 * @returns the exit code, as git gives them: 0 done, 1 "no", 128 failed, 129 misused, 130 interrupted
 */
export async function main(argv: readonly string[], processContext: ProcessContext): Promise<number> {
  const context: AgentContext = { ...processContext, argv, colorDepth: 1 };
  const settle = watchOutput(context);
  return settle(await run(argv, context));
}

async function run(argv: readonly string[], context: AgentContext): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
    context.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const { runCommand } = await import('./run.js');
  return runCommand(argv, context);
}
