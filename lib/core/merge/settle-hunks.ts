import { type CutFile, lineStarts, sliceLines } from '../diff/lines.js';
import { concatBytes, encodeUtf8 } from '../object/text.js';
import type { ConflictHunk, HunkAnswer, LineRange } from '../ports.js';
import type { Sides } from './combine.js';

/** A marked-up text with some of its conflicts settled. */
export interface SettledText {
  readonly bytes: Uint8Array;
  /** The conflicts that are left, and where they stand now. */
  readonly hunks: readonly ConflictHunk[];
}

/** Conflicts next to each other that go to one answer, from the first one's start to the last one's end. */
interface Stretch {
  readonly hunks: readonly ConflictHunk[];
  readonly answer: HunkAnswer | null;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Replaces conflicts in a marked-up text by the lines that were chosen; ours, theirs or union for all of them gives what
 * `favor` gives. Conflicts that share lines of base go back to base only together: until all of them have that answer
 * they are left.
 *
 * @param merged,hunks what `mergeText` answered; or, unless an answer is base, an earlier call of this
 * @param versions the files that were merged
 * @param answers one for each hunk; null leaves it with its markers
 */
export function settleHunks(
  merged: Uint8Array,
  versions: Sides<Uint8Array>,
  hunks: readonly ConflictHunk[],
  answers: readonly (HunkAnswer | null)[],
): SettledText {
  const text = cut(merged);
  const files = { base: cut(versions.base), ours: cut(versions.ours), theirs: cut(versions.theirs) };
  const parts: Uint8Array[] = [];
  const left: ConflictHunk[] = [];
  let copied = 0;
  let shift = 0;
  for (const stretch of stretchesOf(hunks, answers)) {
    const [first, last] = [stretch.hunks[0]!, stretch.hunks.at(-1)!];
    if (stretch.answer === null) {
      left.push({ ...first, result: { start: first.result.start + shift, end: first.result.end + shift } });
      continue;
    }
    const eol = lineEndOf(text, first.result.start);
    const { start, end } = replacedLines(stretch.answer, first, last);
    const atEnd = end === text.starts.length - 1;
    const chosen = choose(stretch.answer, stretch.hunks, files);
    parts.push(sliceLines(text, copied, start));
    for (const [i, lines] of chosen.entries()) {
      const cutShort = lines.length > 0 && lines.at(-1) !== LF && !(atEnd && i === chosen.length - 1);
      parts.push(lines, encodeUtf8(cutShort ? eol : ''));
      shift += lineStarts(lines).length - 1;
    }
    copied = end;
    shift -= end - start;
  }
  parts.push(sliceLines(text, copied, text.starts.length - 1));
  return { bytes: concatBytes(parts), hunks: left };
}

/** Lines that both sides share are not base's: they go where those come. */
function replacedLines(answer: HunkAnswer, first: ConflictHunk, last: ConflictHunk): LineRange {
  const { start } = first.result;
  const { end } = last.result;
  if (answer !== 'base') return { start, end };
  return {
    start: start - (first.ours.start - (first.forBase ?? first.ours).start),
    end: end + ((last.forBase ?? last.ours).end - last.ours.end),
  };
}

function choose(answer: HunkAnswer, hunks: readonly ConflictHunk[], files: Sides<CutFile>): Uint8Array[] {
  const [first, last] = [hunks[0]!, hunks.at(-1)!];
  const lines = (side: keyof Sides<unknown>, { start, end }: LineRange) => sliceLines(files[side], start, end);
  switch (answer) {
    case 'ours':
      return [lines('ours', first.ours)];
    case 'theirs':
      return [lines('theirs', first.theirs)];
    case 'union':
      return [lines('ours', first.ours), lines('theirs', first.theirs)];
    case 'base':
      return [lines('base', { start: first.base.start, end: last.base.end })];
    default:
      return [encodeUtf8(answer.text)];
  }
}

function stretchesOf(hunks: readonly ConflictHunk[], answers: readonly (HunkAnswer | null)[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0, to = 1; from < hunks.length; from = to++) {
    while (to < hunks.length && sharesBase(hunks[to - 1]!, hunks[to]!)) to++;
    const group = hunks.slice(from, to);
    const given = group.map((_, i) => answers[from + i] ?? null);
    if (given.every((answer) => answer === 'base')) {
      stretches.push({ hunks: group, answer: 'base' });
    } else {
      for (const [i, hunk] of group.entries())
        stretches.push({ hunks: [hunk], answer: given[i] === 'base' ? null : given[i]! });
    }
  }
  return stretches;
}

function sharesBase(hunk: ConflictHunk, next: ConflictHunk): boolean {
  return next.base.start < hunk.base.end || next.base.start === hunk.base.start;
}

/** The line end of a marker. */
function lineEndOf({ bytes, starts }: CutFile, line: number): string {
  return bytes[starts[line + 1]! - 2] === CR ? '\r\n' : '\n';
}

function cut(bytes: Uint8Array): CutFile {
  return { bytes, starts: lineStarts(bytes) };
}
