import type { Sides } from '../../core/merge/combine.js';
import type { ConflictHunk, LineRange } from '../../core/ports.js';
import type { Document } from './document.js';
import { sameLines } from './lines.js';

/** Lines that came of a merge, and the conflicts in them: `result` counts from the first of these lines. */
export interface MergedPart {
  readonly lines: readonly string[];
  readonly hunks: readonly ConflictHunk[];
}

/** Merges lines as the text merge does; its hunks count from the first line of each part. */
export type LineMerge = (parts: Sides<readonly string[]>) => MergedPart;

/** What is merged, and how lines are. */
export interface DocumentMerge {
  readonly documents: Sides<Document>;
  readonly mergeLines: LineMerge;
}

/** The same of each version. */
export function eachSide<T>(get: (side: keyof Sides<T>) => T): Sides<T> {
  return { base: get('base'), ours: get('ours'), theirs: get('theirs') };
}

/** The lines of a part in each version. */
export function partsOf({ documents }: DocumentMerge, ranges: Sides<LineRange>): Sides<readonly string[]> {
  return eachSide((side) => documents[side].lines.slice(ranges[side].start, ranges[side].end));
}

/** What three versions come to when two of them are the same; undefined when they are not. */
export function mergeUnchanged({ base, ours, theirs }: Sides<readonly string[]>): MergedPart | undefined {
  if (sameLines(ours, theirs) || sameLines(base, theirs)) return { lines: ours, hunks: [] };
  return sameLines(base, ours) ? { lines: theirs, hunks: [] } : undefined;
}

/** Puts parts one after the other. */
export function joinParts(parts: readonly MergedPart[]): MergedPart {
  const lines: string[] = [];
  const hunks: ConflictHunk[] = [];
  for (const part of parts) {
    for (const hunk of part.hunks) {
      const { start, end } = hunk.result;
      hunks.push({ ...hunk, result: { start: start + lines.length, end: end + lines.length } });
    }
    for (const line of part.lines) lines.push(line);
  }
  return { lines, hunks };
}
