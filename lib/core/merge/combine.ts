import type { LineChange } from '../diff/line-diff.js';
import type { LineRange } from '../ports.js';

/** A stretch that did not stay as it was in base: whose change it is, and where it lies in each file. */
export interface MergeBlock {
  /** `agreed`: both sides turned out to be the same, so it stays as in ours. */
  readonly kind: 'ours' | 'theirs' | 'conflict' | 'agreed';
  readonly base: LineRange;
  readonly ours: LineRange;
  readonly theirs: LineRange;
  /** Of a conflict that was narrowed: what of ours stands for base. */
  readonly forBase?: LineRange;
}

/** The three files of a merge, or something about each of them. */
export interface Sides<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Lays the changes of both sides over each other: one-sided changes, and conflicts where they overlap or touch.
 *
 * Identical changes give no block. The blocks ascend and are joined where they touch.
 *
 * @param lines line ids of the three files
 */
export function combineChanges(
  ourChanges: readonly LineChange[],
  theirChanges: readonly LineChange[],
  lines: Sides<Int32Array>,
): MergeBlock[] {
  const blocks: MergeBlock[] = [];
  let i = 0;
  let j = 0;
  while (i < ourChanges.length || j < theirChanges.length) {
    const our = ourChanges[i];
    const their = theirChanges[j];
    if (our && (!their || our.oldStart + our.oldCount < their.oldStart)) {
      const shift = their ? their.newStart - their.oldStart : lines.theirs.length - lines.base.length;
      record(blocks, { kind: 'ours', base: oldRange(our), ours: newRange(our), theirs: move(oldRange(our), shift) });
      i++;
    } else if (their && (!our || their.oldStart + their.oldCount < our.oldStart)) {
      const shift = our ? our.newStart - our.oldStart : lines.ours.length - lines.base.length;
      record(blocks, {
        kind: 'theirs',
        base: oldRange(their),
        ours: move(oldRange(their), shift),
        theirs: newRange(their),
      });
      j++;
    } else if (our && their) {
      if (!sameChange(our, their, lines)) record(blocks, conflictOf(our, their));
      const ahead = our.oldStart + our.oldCount - (their.oldStart + their.oldCount);
      if (ahead <= 0) i++;
      if (ahead >= 0) j++;
    }
  }
  return blocks;
}

/** Adds a block, joined to the last one if it begins before or where that ends. */
function record(blocks: MergeBlock[], block: MergeBlock): void {
  const last = blocks.at(-1);
  if (!last || (block.ours.start > last.ours.end && block.theirs.start > last.theirs.end)) {
    blocks.push(block);
  } else {
    blocks[blocks.length - 1] = joinBlocks(last, block);
  }
}

/** One block from the start of `first` to the end of `second`; a conflict unless both are of one kind. */
export function joinBlocks(first: MergeBlock, second: MergeBlock): MergeBlock {
  return {
    kind: first.kind === second.kind ? first.kind : 'conflict',
    base: { start: first.base.start, end: second.base.end },
    ours: { start: first.ours.start, end: second.ours.end },
    theirs: { start: first.theirs.start, end: second.theirs.end },
    forBase: { start: (first.forBase ?? first.ours).start, end: (second.forBase ?? second.ours).end },
  };
}

/** A conflict over the base lines of both changes; each side's part grows as its base range does. */
function conflictOf(our: LineChange, their: LineChange): MergeBlock {
  const start = Math.min(our.oldStart, their.oldStart);
  const end = Math.max(our.oldStart + our.oldCount, their.oldStart + their.oldCount);
  const grown = (change: LineChange): LineRange => ({
    start: change.newStart - (change.oldStart - start),
    end: change.newStart + change.newCount + (end - change.oldStart - change.oldCount),
  });
  return { kind: 'conflict', base: { start, end }, ours: grown(our), theirs: grown(their) };
}

function sameChange(our: LineChange, their: LineChange, lines: Sides<Int32Array>): boolean {
  if (our.oldStart !== their.oldStart || our.oldCount !== their.oldCount || our.newCount !== their.newCount)
    return false;
  for (let k = 0; k < our.newCount; k++) {
    if (lines.ours[our.newStart + k] !== lines.theirs[their.newStart + k]) return false;
  }
  return true;
}

function oldRange({ oldStart, oldCount }: LineChange): LineRange {
  return { start: oldStart, end: oldStart + oldCount };
}

function newRange({ newStart, newCount }: LineChange): LineRange {
  return { start: newStart, end: newStart + newCount };
}

function move({ start, end }: LineRange, by: number): LineRange {
  return { start: start + by, end: end + by };
}
