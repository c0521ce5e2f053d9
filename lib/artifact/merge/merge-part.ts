import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import { isBlank, sameLines } from './lines.js';
import { mergeTicks } from './merge-ticks.js';
import { type DocumentMerge, eachSide, type MergedPart, mergeUnchanged, partsOf } from './part.js';

/** Merges a part by its lines. The blank lines at its end are no part of a conflict. */
export function mergePart(merge: DocumentMerge, ranges: Sides<LineRange>): MergedPart {
  const parts = partsOf(merge, ranges);
  const unchanged = mergeUnchanged(parts);
  if (unchanged) return unchanged;
  const cores = eachSide((side) => ({
    start: ranges[side].start,
    end: ranges[side].start + parts[side].findLastIndex((line) => !isBlank(line)) + 1,
  }));
  const core = mergeUnchanged(partsOf(merge, cores)) ?? mergeTicks(merge, cores);
  const tails = eachSide((side) => parts[side].slice(cores[side].end - cores[side].start));
  return { lines: [...core.lines, ...mergeTails(core, parts, tails)], hunks: core.hunks };
}

/** The blank lines after what came of a part: those of the side that changed them, among the sides that still have it. */
function mergeTails(
  core: MergedPart,
  parts: Sides<readonly string[]>,
  tails: Sides<readonly string[]>,
): readonly string[] {
  const has = (side: keyof Sides<unknown>) =>
    parts[side].length > 0 && (core.lines.length > 0 || parts[side].length === tails[side].length);
  if (has('ours') && has('theirs')) return sameLines(tails.ours, tails.base) ? tails.theirs : tails.ours;
  return has('ours') ? tails.ours : has('theirs') ? tails.theirs : [];
}
