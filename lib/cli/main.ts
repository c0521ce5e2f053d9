import { Builtins, Cli } from 'clipanion';
import { COMMANDS } from './commands.js';
import type { AgentContext, ProcessContext } from './context.js';
import { printFailure } from './output.js';
import { watchOutput } from './pipes.js';
import { asUsageError, formatGroup, helpForSeveral } from './usage.js';
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
  const cli = new Cli<AgentContext>({
    binaryName: 'agent',
    binaryLabel: 'agent-sync',
    binaryVersion: packageVersion(),
  });
  cli.register(Builtins.HelpCommand);
  cli.register(Builtins.VersionCommand);
  for (const command of COMMANDS) cli.register(command);
  try {
    const command = cli.process([...argv], context);
    const group = helpForSeveral(command);
    if (!group) return await cli.run(command, context);
    context.stdout.write(formatGroup(group));
    return 0;
  } catch (error) {
    return printFailure(context, argv.includes('--json'), asUsageError(error, argv));
  }
}
