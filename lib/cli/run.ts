import { Cli, type CommandClass, UsageError } from 'clipanion';
import { didYouMean } from '../config/did-you-mean.js';
import { SyncError } from '../core/errors.js';
import { NO_TELEMETRY } from '../core/metrics/no-telemetry.js';
import { COMMANDS, loadCommands } from './commands.js';
import type { AgentContext, UntoldContext } from './context.js';
import { formatCommandHelp, formatOverview } from './help.js';
import { printFailure, printText } from './output.js';
import { runTold } from './run-told.js';

/**
 * Finds the command that a command line means and runs it, or prints the help that it asks for.
 *
 * @returns the exit code
 */
export async function runCommand(argv: readonly string[], surroundings: UntoldContext): Promise<number> {
  const context = { ...surroundings, telemetry: NO_TELEMETRY };
  const line = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const words = leadingWords(line);
  const names = Object.keys(COMMANDS).filter((name) => `${name} `.startsWith([...words, ''].join(' ')));
  const [option] = line.slice(words.length);
  if (!COMMANDS[words.join(' ')] && names.length > 0 && (line.length === 0 || option === '--help' || option === '-h')) {
    printText(context, formatOverview(await loadCommands(names)));
    return 0;
  }
  const meant = Object.keys(COMMANDS).filter((name) => `${words.join(' ')} `.startsWith(`${name} `));
  const cli = new Cli<AgentContext>({ binaryName: 'agent' });
  const classes = await loadCommands(meant.length > 0 ? meant : Object.keys(COMMANDS));
  for (const command of classes) cli.register(command);
  try {
    const command = cli.process([...line], context);
    const asked = helpAsked(command);
    if (!asked) return await runTold(command.path.join(' '), context, (told) => cli.run(command, told));
    printText(context, formatCommandHelp(cli, asked));
    return 0;
  } catch (error) {
    return printFailure(context, line.includes('--json'), asUsageError(error, words));
  }
}

/** What stands before the first option. */
function leadingWords(line: readonly string[]): readonly string[] {
  const end = line.findIndex((word) => word.startsWith('-'));
  return end < 0 ? line : line.slice(0, end);
}

/** The command that a request for help is about: of `sync members` and `sync members add`, the one that was named. */
function helpAsked(command: object): CommandClass<AgentContext> | undefined {
  const { commands, contexts, path } = command as {
    readonly commands?: readonly number[];
    readonly contexts?: readonly { readonly commandClass: CommandClass<AgentContext> }[];
    readonly path: readonly string[];
  };
  if (!commands || !contexts) return undefined;
  const asked = commands.map((index) => contexts[index]!.commandClass);
  return asked.find(({ paths }) => paths![0]!.join(' ') === path.join(' ')) ?? asked[0];
}

/**
 * Turns what clipanion throws at a command line that it cannot read into our error; anything else stays as it is.
 *
 * Its own messages list the usage of every command that might have been meant; one sentence is enough.
 */
function asUsageError(error: unknown, words: readonly string[]): unknown {
  if (!(error instanceof Error && (error instanceof UsageError || 'clipanion' in error))) return error;
  const { candidates = [] } = error as {
    readonly candidates?: readonly { readonly usage: string; readonly reason: string | null }[];
  };
  const [first] = candidates;
  // A command with an operand that can be left out is tried both ways, with the operand first.
  const isOne = candidates.every(({ usage }) => usage === first?.usage);
  const isClear = isOne || candidates.every(({ reason }) => reason === first?.reason);
  const reason = isClear ? first?.reason : undefined;
  if (!first || !reason) return unknownCommand(words, error);
  // `agent show [--json] <ARTIFACT>`: the command's words end where options and operands begin.
  const hint = isOne ? `See '${first.usage.split(/ [[<.]/, 1)[0]} --help'.` : SEE_HELP;
  return new SyncError('USAGE', decapitalize(reason), { hint, cause: error });
}

const SEE_HELP = "'agent --help' lists the commands; each has '--help' of its own.";

function unknownCommand(words: readonly string[], cause: Error): SyncError {
  const asked = words.join(' ');
  const group = Object.keys(COMMANDS).some((name) => name.startsWith(`${asked} `));
  const above = words.slice(0, -1).map((word) => `${word} `);
  const siblings = Object.keys(COMMANDS).filter((name) => name.startsWith(above.join('')));
  const likely = didYouMean(
    words.at(-1) ?? '',
    siblings.map((name) => name.slice(above.join('').length)),
  );
  const hint = likely
    ? `Did you mean 'agent ${above.join('')}${likely}'?`
    : group && asked
      ? `'agent ${asked} --help' lists what can follow.`
      : SEE_HELP;
  return new SyncError('USAGE', `'agent ${asked}' is not a command`, { hint, cause });
}

function decapitalize(sentence: string): string {
  return `${sentence[0]!.toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
}
