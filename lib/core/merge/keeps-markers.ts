import { LineDiff } from '../diff/line-diff.js';
import { cutLines, type Lines } from '../diff/lines.js';
import { concatBytes } from '../object/text.js';
import type { ConflictHunk } from '../ports.js';
import type { Sides } from './combine.js';

/** Line numbers of a conflict's markers. */
interface Markers {
  readonly opening: number;
  /** Only in the styles that show base. */
  readonly base?: number;
  readonly separator: number;
  readonly closing: number;
}

const NAMES = ['opening', 'separator', 'closing'] as const;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const BAR = 0x7c;

/**
 * Tells whether a text that somebody made of a merge's still has a conflict in it: opening, separator and closing line in order,
 * as the merge wrote them, where neither side's own version had them; or more opening or closing lines than the versions had.
 *
 * @param merged,hunks the text with its markers, and where they stand
 */
export function keepsMarkers(
  answer: Uint8Array,
  merged: Uint8Array,
  hunks: readonly ConflictHunk[],
  { base, ours, theirs }: Sides<Uint8Array>,
): boolean {
  const { files, distinct } = cutLines([answer, merged, base, ours, theirs].map(withBareLineEnds));
  const [text, marked, before, ...sides] = files as [Lines, Lines, Lines, Lines, Lines];
  const markers = markersOf(marked, hunks);
  if (hasForgotten(text, [before, ...sides], marked, markers)) return true;
  const blocks = findBlocks(text, marked, markers);
  if (blocks.length === 0) return false;
  const diff = new LineDiff('myers', distinct);
  const fromMerge = keptLines(diff, marked, text);
  const fromSides = sides.map((side) => ({ side, kept: keptLines(diff, side, text) }));
  return blocks.some((block) => {
    const { opening, closing } = block;
    const countIn = (kept: readonly boolean[]) => kept.slice(opening, closing + 1).filter(Boolean).length;
    // An example of a conflict may have been edited on the way; a conflict has more of the merge's text than of a side's.
    return !fromSides.some(
      ({ side, kept }) =>
        (NAMES.every((name) => kept[block[name]]) && countIn(kept) >= countIn(fromMerge)) ||
        includes(side.ids, text.ids.subarray(opening, closing + 1)),
    );
  });
}

/** Where the merge wrote markers; a driver may tell of conflicts without marking them. */
function markersOf({ bytes, starts }: Lines, hunks: readonly ConflictHunk[]): Markers[] {
  const signAt = (line: number) => String.fromCharCode(bytes[starts[line]!]!);
  return hunks.flatMap(({ ours, theirs, result }) => {
    const separator = result.end - 2 - (theirs.end - theirs.start);
    const markers = { opening: result.start, separator, closing: result.end - 1 };
    if (NAMES.map((name) => signAt(markers[name])).join('') !== '<=>') return [];
    const base = result.start + 1 + (ours.end - ours.start);
    return base < separator && signAt(base) === '|' ? { ...markers, base } : markers;
  });
}

/** A separator can as well underline a heading; the lines with labels are the merge's. */
function hasForgotten(text: Lines, versions: readonly Lines[], marked: Lines, markers: readonly Markers[]): boolean {
  const lines = markers.flatMap(({ opening, base, closing }) => [
    opening,
    ...(base === undefined ? [] : [base]),
    closing,
  ]);
  const labelled = new Set(lines.filter((line) => hasLabel(marked, line)).map((line) => marked.ids[line]!));
  const countIn = (files: readonly Lines[], marker: number) =>
    files.reduce((count, file) => count + file.ids.filter((id) => id === marker).length, 0);
  return [...labelled].some((marker) => countIn([text], marker) > countIn(versions, marker));
}

/** Seven bars alone can be the row of a table. */
function hasLabel({ bytes, starts }: Lines, line: number): boolean {
  return bytes[starts[line]!] !== BAR || bytes.subarray(starts[line], starts[line + 1]).includes(SPACE);
}

/** What may be a conflict in a text: from a line that the opening marker could be to the next ones that could be the others. */
function findBlocks({ ids }: Lines, marked: Lines, markers: readonly Markers[]): Markers[] {
  const [openings, separators, closings] = NAMES.map((name) => new Set(markers.map((each) => marked.ids[each[name]])));
  const blocks: Markers[] = [];
  let opening: number | undefined;
  let separator: number | undefined;
  for (const [line, id] of ids.entries()) {
    if (openings!.has(id)) [opening, separator] = [line, undefined];
    else if (opening !== undefined && separators!.has(id)) separator ??= line;
    else if (opening !== undefined && separator !== undefined && closings!.has(id)) {
      blocks.push({ opening, separator, closing: line });
      [opening, separator] = [undefined, undefined];
    }
  }
  return blocks;
}

/** Which lines of `to` a diff finds in `from`. */
function keptLines(diff: LineDiff, from: Lines, to: Lines): boolean[] {
  const kept = new Array<boolean>(to.ids.length).fill(true);
  for (const { newStart, newCount } of diff.compare(from.ids, to.ids)) kept.fill(false, newStart, newStart + newCount);
  return kept;
}

function includes(lines: Int32Array, block: Int32Array): boolean {
  return lines.some((_, start) => block.every((id, i) => lines[start + i] === id));
}

/** Editors change line ends, and add or drop the last one. */
function withBareLineEnds(bytes: Uint8Array): Uint8Array {
  const bare = bytes.includes(CR) ? bytes.filter((byte, i) => byte !== CR || bytes[i + 1] !== LF) : bytes;
  return bare.length === 0 || bare.at(-1) === LF ? bare : concatBytes([bare, Uint8Array.of(LF)]);
}
