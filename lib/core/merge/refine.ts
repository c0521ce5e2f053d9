import type { LineDiff } from '../diff/line-diff.js';
import { type Lines, sliceLines } from '../diff/lines.js';
import { joinBlocks, type MergeBlock, type Sides } from './combine.js';

/** Which common lines between two conflicts are too little to keep them apart, besides up to three of any kind. */
export type MergeLevel = 'zealous' | 'zealous-alnum';

/** Conflicts with at most this many lines between them become one. */
const MAX_GAP = 3;

/**
 * Narrows conflicts to the lines in which the sides differ from each other, and joins those that are close.
 *
 * The base of a narrowed conflict stands for more than its lines of ours, so this is for the style that does not show base.
 */
export function narrowConflicts(
  blocks: readonly MergeBlock[],
  lines: Sides<Lines>,
  diff: LineDiff,
  level: MergeLevel,
): MergeBlock[] {
  const narrowed = blocks.flatMap((block) => (block.kind === 'conflict' ? narrow(block, lines, diff) : [block]));
  const joined: MergeBlock[] = [];
  for (const block of narrowed) {
    const last = joined.at(-1);
    if (last?.kind === 'conflict' && block.kind === 'conflict' && isSmallGap(last, block, lines.ours, level)) {
      joined[joined.length - 1] = joinBlocks(last, block);
    } else {
      joined.push(block);
    }
  }
  return joined;
}

/** Takes the lines with which both sides begin, and those with which both end, out of every conflict. */
export function trimConflicts(blocks: readonly MergeBlock[], { ours, theirs }: Sides<Lines>): MergeBlock[] {
  return blocks.map((block) => {
    if (block.kind !== 'conflict') return block;
    let { start: a0, end: a1 } = block.ours;
    let { start: b0, end: b1 } = block.theirs;
    while (a0 < a1 && b0 < b1 && ours.ids[a0] === theirs.ids[b0]) {
      a0++;
      b0++;
    }
    while (a0 < a1 && b0 < b1 && ours.ids[a1 - 1] === theirs.ids[b1 - 1]) {
      a1--;
      b1--;
    }
    return { ...block, ours: { start: a0, end: a1 }, theirs: { start: b0, end: b1 }, forBase: block.ours };
  });
}

function narrow(block: MergeBlock, lines: Sides<Lines>, diff: LineDiff): MergeBlock[] {
  const { base, ours, theirs } = block;
  if (ours.start === ours.end || theirs.start === theirs.end) return [block];
  const changes = diff.compare(
    lines.ours.ids.subarray(ours.start, ours.end),
    lines.theirs.ids.subarray(theirs.start, theirs.end),
  );
  if (changes.length === 0) return [{ ...block, kind: 'agreed' }];
  return changes.map(({ oldStart, oldCount, newStart, newCount }) => ({
    kind: 'conflict',
    base,
    ours: { start: ours.start + oldStart, end: ours.start + oldStart + oldCount },
    theirs: { start: theirs.start + newStart, end: theirs.start + newStart + newCount },
    forBase: ours,
  }));
}

function isSmallGap(first: MergeBlock, second: MergeBlock, ours: Lines, level: MergeLevel): boolean {
  const from = first.ours.end;
  const to = second.ours.start;
  return to - from <= MAX_GAP || (level === 'zealous-alnum' && !hasLetterOrDigit(sliceLines(ours, from, to)));
}

function hasLetterOrDigit(bytes: Uint8Array): boolean {
  return bytes.some((byte) => {
    const upper = byte & ~0x20;
    return (byte >= 0x30 && byte <= 0x39) || (upper >= 0x41 && upper <= 0x5a);
  });
}
