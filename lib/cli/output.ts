import { styleText } from 'node:util';
import type { SyncError } from '../core/errors.js';
import { failureClass } from '../core/failure-class.js';
import { decodeUtf8 } from '../core/object/text.js';
import type { AgentContext } from './context.js';
import { asSyncError } from './failure.js';

/** What a command has to say: the same facts for people and for machines. */
export interface Answer {
  /**
   * For people; printed unless `--json` is given. A string gets a final newline if it has none; bytes are printed as they
   * are, unless a terminal shows them.
   */
  readonly text: string | Uint8Array;
  /** For machines: the document that `--json` prints. Its shape is in docs/cli.md. */
  readonly document: unknown;
  /** 0 for done, 1 for "no": conflicts, a rejected push, differences found. */
  readonly code?: 0 | 1;
  /** Remarks for people that are not the answer; they go to standard error either way. */
  readonly notes?: readonly string[];
}

/** Prints an answer and returns the process's exit code. */
export function printAnswer(
  context: AgentContext,
  json: boolean,
  { text, document, code = 0, notes = [] }: Answer,
): number {
  for (const note of notes) context.stderr.write(`${plain(note)}\n`);
  const body = json ? JSON.stringify(document, null, 2) : text;
  if (typeof body === 'string') context.stdout.write(withNewline(body));
  else context.stdout.write(context.stdout.isTTY ? withNewline(plain(decodeUtf8(body))) : body);
  return code;
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Prints a failure, with its hint, and returns the exit code it stands for. */
export function printFailure(context: AgentContext, json: boolean, error: unknown, { indent = 2 } = {}): number {
  const known = asSyncError(error);
  const code = known?.code ?? 'INTERNAL';
  const message = known?.message ?? (error instanceof Error ? error.message : String(error));
  const hint = known ? known.hint : 'This is a mistake in agent-sync. AGENT_DEBUG=1 shows where; please report it.';
  context.telemetry.add({ code });
  const document = { error: known ? describeFailure(known) : { code, message, hint, retry: failureClass(error) } };
  if (json) context.stdout.write(`${JSON.stringify(document, null, indent)}\n`);
  context.stderr.write(`fatal: ${plain(message)} [${code}]\n`);
  for (const line of hint?.split('\n') ?? []) context.stderr.write(`hint: ${plain(line)}\n`);
  if (context.env.AGENT_DEBUG && error instanceof Error)
    context.stderr.write(`${error.stack}\n${describeCause(error.cause)}`);
  return known?.exitCode ?? 128;
}

/** A failure as machines get it. */
export function describeFailure(error: SyncError): Record<string, unknown> {
  const { code, message, hint, retryAfter } = error;
  return { code, message, hint, retry: failureClass(error), retryAfter };
}

function describeCause(cause: unknown): string {
  return cause === undefined ? '' : `caused by: ${cause instanceof Error ? cause.stack : String(cause)}\n`;
}

/** Text from artifacts and people, without the control characters that could steer a terminal; newline and tab stay. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

type Style = Parameters<typeof styleText>[0];

/** Colours text when standard output is a terminal that wants it (`NO_COLOR` turns it off). */
export function painter(context: AgentContext): (style: Style, text: string) => string {
  const wanted = context.stdout.isTTY === true && !context.env.NO_COLOR && context.env.TERM !== 'dumb';
  return (style, text) => (wanted ? styleText(style, text) : text);
}

/** `1 commit`, `2 commits`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
