import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import { readBox, tickBox } from './box.js';
import { keepsLines } from './kept-lines.js';
import { type DocumentMerge, eachSide, type MergedPart, partsOf } from './part.js';

/** The ticks in the versions that have an item, by its line with an empty box. */
type Ticks = Map<string, Partial<Sides<string>>>;

/**
 * Merges lines with all boxes open, so that ticks are no change, then ticks each box as its three versions say. Where
 * that leaves conflicts, or a tick has no line to go to, the lines are merged as they are.
 */
export function mergeTicks(merge: DocumentMerge, ranges: Sides<LineRange>): MergedPart {
  const parts = partsOf(merge, ranges);
  const plain = () => atRanges(merge.mergeLines(parts), ranges);
  const ticks = readTicks(merge, ranges);
  if (![...ticks.values()].some(({ base, ours, theirs }) => ours !== base || theirs !== base)) return plain();
  const opened = merge.mergeLines(eachSide((side) => parts[side].map((line) => openBox(line, ticks))));
  if (opened.hunks.length > 0) return plain();
  const lines = opened.lines.map((line) => {
    const found = ticks.get(line);
    return found ? tickBox(line, mergeTick(found)) : line;
  });
  return keepsLines(parts, lines) ? { lines, hunks: [] } : plain();
}

/** The boxes whose line, apart from the tick, is the only one of its kind in every version. */
function readTicks({ documents }: DocumentMerge, ranges: Sides<LineRange>): Ticks {
  const ticks: Ticks = new Map();
  const ambiguous = new Set<string>();
  for (const side of ['base', 'ours', 'theirs'] as const) {
    const { lines, boxes } = documents[side];
    for (let i = ranges[side].start; i < ranges[side].end; i++) {
      const box = readBox(lines[i]!);
      if (!box) continue;
      const found = ticks.get(box.open) ?? {};
      if (!boxes.has(i) || found[side] !== undefined) ambiguous.add(box.open);
      ticks.set(box.open, { ...found, [side]: box.tick });
    }
  }
  for (const line of ambiguous) ticks.delete(line);
  return ticks;
}

function openBox(line: string, ticks: Ticks): string {
  const open = readBox(line)?.open;
  return open !== undefined && ticks.has(open) ? open : line;
}

/** A new item begins open. */
function mergeTick({ base = ' ', ours = base, theirs = base }: Partial<Sides<string>>): string {
  return ours === base ? theirs : ours;
}

function atRanges({ lines, hunks }: MergedPart, ranges: Sides<LineRange>): MergedPart {
  const shift = ({ start, end }: LineRange, by: number) => ({ start: start + by, end: end + by });
  return {
    lines,
    hunks: hunks.map(({ base, ours, theirs, result, forBase }) => ({
      base: shift(base, ranges.base.start),
      ours: shift(ours, ranges.ours.start),
      theirs: shift(theirs, ranges.theirs.start),
      result,
      ...(forBase && { forBase: shift(forBase, ranges.ours.start) }),
    })),
  };
}
