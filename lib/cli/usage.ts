import { type CommandClass, UsageError } from 'clipanion';
import { SyncError } from '../core/errors.js';
import type { AgentContext } from './context.js';

type AgentClass = CommandClass<AgentContext>;

/** What clipanion knows about a command line that it could not read. */
interface SyntaxFailure extends Error {
  readonly candidates?: readonly { readonly usage: string; readonly reason: string | null }[];
}

/**
 * Turns what clipanion throws at a command line that it cannot read into our error; anything else stays as it is.
 *
 * Its own messages list the usage of every command that might have been meant; one sentence is enough.
 */
export function asUsageError(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof Error && (error instanceof UsageError || 'clipanion' in error))) return error;
  const { candidates = [] } = error as SyntaxFailure;
  const reasons = new Set(candidates.map(({ reason }) => reason));
  const [reason] = reasons;
  const known = reasons.size === 1 && typeof reason === 'string';
  const message = known ? decapitalize(reason) : `'${commandWords(argv)}' is not a command`;
  const hint =
    known && candidates.length === 1
      ? `usage: ${candidates[0]!.usage}`
      : "'agent --help' lists the commands; each has '--help' of its own.";
  return new SyncError('USAGE', message, { hint, cause: error });
}

/** The commands that a request for help matches, such as `agent sync --help`, if it is more than one. */
export function helpForSeveral(command: object): readonly AgentClass[] | undefined {
  const { commands, contexts } = command as {
    readonly commands?: readonly number[];
    readonly contexts?: readonly { readonly commandClass: AgentClass }[];
  };
  if (!Array.isArray(commands) || !contexts || commands.length < 2) return undefined;
  return commands.map((index) => contexts[index]!.commandClass);
}

/** Lists commands with what they do, one a line. */
export function formatGroup(commands: readonly AgentClass[]): string {
  const rows = commands.map(({ paths, usage }) => [`agent ${paths![0]!.join(' ')}`, usage?.description ?? ''] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, description]) => `  ${name.padEnd(width)}  ${description}\n`);
  return `${lines.join('')}\nEach has '--help' of its own.\n`;
}

function commandWords(argv: readonly string[]): string {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return ['agent', ...(end < 0 ? argv : argv.slice(0, end))].join(' ');
}

function decapitalize(sentence: string): string {
  return `${sentence[0]!.toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
}
