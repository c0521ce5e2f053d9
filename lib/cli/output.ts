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
  for (const note of notes) printNote(context, `${note}\n`);
  const body = json ? toJson(document, 2) : text;
  if (typeof body === 'string') printText(context, withNewline(body));
  else if (context.stdout.isTTY) printText(context, withNewline(plain(decodeUtf8(body))));
  else context.stdout.write(body);
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
  if (json) printText(context, `${toJson(document, indent)}\n`);
  printNote(context, `fatal: ${message} [${code}]\n`);
  for (const line of hint?.split('\n') ?? []) printNote(context, `hint: ${line}\n`);
  if (context.env.AGENT_DEBUG && error instanceof Error)
    printNote(context, `${error.stack}\n${describeCause(error.cause)}`);
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

/**
 * What could steer a terminal, or make a person read something else than is there: control characters, those that reverse the
 * direction of writing, separate lines, or are not seen at all. Newline and tab stay; so do joiners, which scripts and emoji need.
 *
 * @see https://trojansource.codes/trojan-source.pdf
 */
const DECEIVING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text from artifacts and people, without what could deceive a terminal or its reader. */
export function plain(text: string): string {
  return text.replace(DECEIVING, '\ufffd');
}

/** The escape sequences of {@link painter}. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours text begins with one
const COLOR = /(\u001b\[(?:[012]|22|3[1-6]|39)m)/;

/**
 * Prints text for people on standard output. All text goes this way, or the other below: whatever a command forgot to make
 * {@link plain} is, except for colours.
 */
export function printText(context: AgentContext, text: string): void {
  context.stdout.write(isPainted(context) ? text.split(COLOR).map(plainBetween).join('') : plain(text));
}

/** Prints text for people on standard error. */
export function printNote(context: AgentContext, text: string): void {
  context.stderr.write(plain(text));
}

/** Every second part is a colour. */
function plainBetween(part: string, i: number): string {
  return i % 2 === 1 ? part : plain(part);
}

/** A document as JSON, in which what could deceive a terminal is written with its number: what is read from it is the same. */
export function toJson(document: unknown, indent = 0): string {
  // Undefined is no document, and no text either.
  return (JSON.stringify(document, null, indent) ?? '').replace(DECEIVING, escapeUnits);
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

type Style = Parameters<typeof styleText>[0];

/** Colours text when standard output is a terminal that wants it (`NO_COLOR` turns it off). */
export function painter(context: AgentContext): (style: Style, text: string) => string {
  const wanted = isPainted(context);
  return (style, text) => (wanted ? styleText(style, text) : text);
}

function isPainted({ stdout, env }: AgentContext): boolean {
  return stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** `1 commit`, `2 commits`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
