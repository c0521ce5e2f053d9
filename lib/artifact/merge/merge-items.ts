import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import { align } from './align.js';
import type { Named, Section } from './document.js';
import { isBlank, sameLines } from './lines.js';
import { mergePart } from './merge-part.js';
import { type DocumentMerge, eachSide, joinParts, type MergedPart } from './part.js';

/** Items with nothing but blank lines between them. */
export interface Run extends LineRange {
  readonly items: readonly Named[];
  /** The blank lines before each item but the first; undefined when they are not the same before all of them. */
  readonly gap: readonly string[] | undefined;
}

/** Finds the runs among a section's own items; links are one run, be there none. */
export function findRuns(lines: readonly string[], { start, ownEnd, items, isSet }: Section): Run[] {
  if (isSet && items.length === 0) {
    const at = start + (start + 1 < ownEnd && isBlank(lines[start + 1]!) ? 2 : 1);
    return [{ items, start: at, end: at, gap: [] }];
  }
  const runs: { items: Named[]; gaps: string[][] }[] = [];
  let end = -1;
  for (const item of items) {
    const between = lines.slice(end, item.start);
    const run = runs.at(-1);
    if (run && between.every(isBlank)) {
      run.items.push(item);
      run.gaps.push(between);
    } else {
      runs.push({ items: [item], gaps: [] });
    }
    end = item.end;
  }
  return runs.map(({ items, gaps }) => ({
    items,
    start: items[0]!.start,
    end: items.at(-1)!.end,
    gap: commonGap(gaps),
  }));
}

/**
 * Merges three versions of a run item by item.
 *
 * @param isSet whether they are links, of which none takes the place of another
 */
export function mergeRun(merge: DocumentMerge, runs: Sides<Run>, isSet: boolean): MergedPart {
  const gap = commonGap(
    [runs.base, runs.ours, runs.theirs].filter(({ items }) => items.length > 1).map((run) => run.gap),
  );
  const aligned =
    gap &&
    align(
      merge,
      eachSide((side) => runs[side].items),
      eachSide((side) => runs[side].start),
      !isSet,
    );
  if (!aligned) return mergePart(merge, runs);
  const merged = aligned.map(({ ranges }) => mergePart(merge, ranges)).filter(({ lines }) => lines.length > 0);
  return joinParts(merged.flatMap((item, i) => (i === 0 ? [item] : [{ lines: gap, hunks: [] }, item])));
}

/** The gap that all are; none at all when there is none. */
function commonGap(gaps: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const [first = []] = gaps;
  return gaps.every((gap) => gap && sameLines(gap, first)) ? first : undefined;
}
