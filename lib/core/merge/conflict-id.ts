import { sha1 } from '@noble/hashes/legacy.js';
import { cutLines, type Lines, sliceLines } from '../diff/lines.js';
import { type Oid, oidFromBytes } from '../object/oid.js';
import { concatBytes, encodeUtf8 } from '../object/text.js';
import type { ConflictHunk, LineRange } from '../ports.js';

/** A conflicted text in the form in which it is recognised, whoever's side is called ours and whatever the labels say. */
export interface NormalConflict {
  /** The same for all texts with the same conflicts, whatever stands around them. */
  readonly id: Oid;
  /** The whole text: markers without labels, no base between them, of the two sides the lesser in byte order first. */
  readonly preimage: Uint8Array;
  /** Where the hunks stand in the preimage, markers included. */
  readonly hunks: readonly LineRange[];
}

const NUL = new Uint8Array(1);

/**
 * Brings a conflicted text into its normal form and computes the id that git's rerere would give it.
 *
 * @param marked the text with its markers
 * @param hunks as the merge that wrote the markers answered them
 * @returns undefined when there are no hunks, or they are not all between markers
 * @see https://git-scm.com/docs/rerere
 */
export function normalizeConflict(marked: Uint8Array, hunks: readonly ConflictHunk[]): NormalConflict | undefined {
  if (hunks.length === 0) return undefined;
  const lines = cutLines([marked]).files[0]!;
  const hash = sha1.create();
  const parts: Uint8Array[] = [];
  const places: LineRange[] = [];
  let read = 0;
  let written = 0;
  for (const { ours, theirs, result } of hunks) {
    const ourCount = ours.end - ours.start;
    const theirCount = theirs.end - theirs.start;
    if (!isMarked(lines, result) || result.end - result.start < ourCount + theirCount + 3) return undefined;
    const sides = [
      sliceLines(lines, result.start + 1, result.start + 1 + ourCount),
      sliceLines(lines, result.end - 1 - theirCount, result.end - 1),
    ];
    const [first, second] = sides.sort(compareBytes) as [Uint8Array, Uint8Array];
    hash.update(first).update(NUL).update(second).update(NUL);
    parts.push(sliceLines(lines, read, result.start), OPENING, first, MIDDLE, second, CLOSING);
    const start = written + result.start - read;
    written = start + ourCount + theirCount + 3;
    places.push({ start, end: written });
    read = result.end;
  }
  parts.push(sliceLines(lines, read, lines.ids.length));
  return { id: oidFromBytes(hash.digest()), preimage: concatBytes(parts), hunks: places };
}

const OPENING = encodeUtf8('<<<<<<<\n');
const MIDDLE = encodeUtf8('=======\n');
const CLOSING = encodeUtf8('>>>>>>>\n');

/** A driver may report lines in which the sides disagree, without markers around them. */
function isMarked(lines: Lines, { start, end }: LineRange): boolean {
  const begins = (line: number, sign: string) =>
    sliceLines(lines, line, line + 1)
      .subarray(0, 7)
      .every((byte) => byte === sign.charCodeAt(0));
  return end - start >= 3 && begins(start, '<') && begins(end - 1, '>');
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
