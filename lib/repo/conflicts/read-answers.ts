import { SyncError } from '../../core/errors.js';
import { decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { HunkAnswer } from '../../core/ports.js';
import type { SchemaError } from '../../core/schema-validator.js';
import type { Answer } from './settle-conflict.js';
import { validateAnswers } from './validators.js';

/** An answer made by a program, and the token of the conflict as it was when the program read it. */
export interface TokenAnswer {
  readonly token: string;
  readonly answer: Extract<Answer, object>;
}

/** An answer as it is written. */
interface WrittenAnswer {
  readonly token: string;
  readonly content?: string;
  readonly hunks?: readonly WrittenHunk[];
}

interface WrittenHunk {
  readonly index: number;
  readonly take?: Extract<HunkAnswer, string>;
  readonly text?: string;
}

/**
 * Reads answers to conflicts: JSON, one answer or a list of them.
 *
 * @throws {SyncError} `INPUT_INVALID`, with every problem and its place
 */
export function readAnswers(bytes: Uint8Array): TokenAnswer[] {
  const value = parseJson(bytes);
  const answers = Array.isArray(value) ? value : [value];
  if (!validateAnswers(answers)) throw invalid((validateAnswers.errors ?? []).map(explain));
  const read = (answers as readonly WrittenAnswer[]).map(({ token, content, hunks = [] }) => ({
    token,
    answer: content === undefined ? { hunks: byIndex(hunks) } : { bytes: encodeUtf8(content) },
  }));
  if (new Set(read.map(({ token }) => token)).size < read.length) throw invalid(['two answers have the same token']);
  return read;
}

function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw invalid(['it is not UTF-8 text']);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid([`it is not JSON: ${(cause as Error).message}`]);
  }
}

function byIndex(hunks: readonly WrittenHunk[]): Map<number, HunkAnswer> {
  const answers = new Map<number, HunkAnswer>();
  for (const { index, take, text } of hunks) {
    if (answers.has(index)) throw invalid([`hunk ${index} is answered twice`]);
    answers.set(index, take ?? { text: text! });
  }
  return answers;
}

/** Messages tell places and names, never values: those may be whole documents. */
function explain({ instancePath, keyword, params }: SchemaError): string {
  const hunk = instancePath.includes('/hunks/');
  const what = () => {
    switch (keyword) {
      case 'required':
        return `${String(params.missingProperty)} is missing`;
      case 'additionalProperties':
        return `there is no '${String(params.additionalProperty).slice(0, 40)}'`;
      case 'minProperties':
      case 'maxProperties':
        return hunk ? "a hunk has 'take' or 'text'" : "an answer has 'content' or 'hunks'";
      case 'enum':
        return `is one of ${(params.allowedValues as readonly string[]).join(', ')}`;
      case 'pattern':
        return "is a token that 'agent sync conflicts --json' gave";
      case 'minItems':
        return 'is empty';
      case 'minimum':
        return 'counts from 1';
      default:
        return `is no ${String(params.type)}`;
    }
  };
  return `${instancePath || '/'}: ${what()}`;
}

function invalid(problems: readonly string[]): SyncError {
  const lines = problems.map((problem) => `\n  ${problem}`);
  return new SyncError('INPUT_INVALID', `the answers cannot be read; nothing was settled:${lines.join('')}`, {
    hint: "An answer is {token, content} or {token, hunks: [{index, take} or {index, text}]}; 'agent sync conflicts --json' has the tokens.",
  });
}
