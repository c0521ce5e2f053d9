import { Builtins, Cli, UsageError } from 'clipanion';
import { SyncError } from '../core/errors.js';
import { COMMANDS } from './commands.js';
import type { AgentContext, ProcessContext } from './context.js';
import { printFailure } from './output.js';
import { packageVersion } from './version.js';

/**
 * Runs one command line.
 *
 * @param argv without node and script
 * @returns the exit code, as git gives them: 0 done, 1 "no", 128 failed, 129 misused
 */
export async function main(argv: readonly string[], processContext: ProcessContext): Promise<number> {
  const context: AgentContext = { ...processContext, colorDepth: 1 };
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
    return await cli.run(command, context);
  } catch (error) {
    return printFailure(context, argv.includes('--json'), asUsageError(error));
  }
}

/** What clipanion says about a command line it cannot read comes with the usage of all candidates: one line is enough. */
function asUsageError(error: unknown): unknown {
  const syntax = error instanceof Error && (error instanceof UsageError || 'clipanion' in error);
  if (!syntax) return error;
  const message = error.message.split('\n', 1)[0]!.replace(/\.$/, '');
  return new SyncError('USAGE', message, {
    hint: "'agent --help' lists the commands; each has '--help' of its own.",
    cause: error,
  });
}
