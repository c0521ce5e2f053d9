import { invalidAnswer } from './answers.js';

/** No answer has lists in lists in lists: a pack's line has three levels, an error one. */
const MOST_LEVELS = 64;
/** An object of a pack takes three, and 64 MB list 700,000 objects. Each takes some 50 bytes of memory at least, as many as 16 of `[`. */
const MOST_VALUES = 4_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** `[`, `]`, `{` and `}` are these, with or without the bit of lower case. */
const OPEN = 0x5b;
const CLOSE = 0x5d;
const LOWER = 0x20;

/**
 * Parses JSON that another party sent, if what it comes to fits into memory: a gigabyte is a few megabytes of brackets.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`, also for what is no JSON
 */
export function parseJson(bytes: Uint8Array): unknown {
  refuseJsonBomb(bytes);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    throw invalidAnswer('what is no JSON');
  }
}

/**
 * Refuses JSON that nests deeper, or holds more values, than any answer.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function refuseJsonBomb(bytes: Uint8Array): void {
  let level = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = closingQuote(bytes, at + 1);
    } else if ((byte & ~LOWER) === OPEN) {
      level++;
      values++;
    } else if ((byte & ~LOWER) === CLOSE) {
      level--;
    } else if (byte === COMMA) {
      values++;
    }
    if (level > MOST_LEVELS || values > MOST_VALUES) throw invalidAnswer('JSON without end');
  }
}

function closingQuote(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}
