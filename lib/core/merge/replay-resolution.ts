import { LineDiff } from '../diff/line-diff.js';
import { cutLines, type Lines, sliceLines } from '../diff/lines.js';
import type { LineRange } from '../ports.js';
import type { NormalConflict } from './conflict-id.js';
import { mergeText } from './merge-text.js';

/** A remembered resolution, carried over to the text that has the conflict now. */
export interface ReplayedResolution {
  /** The whole text, resolved. */
  readonly bytes: Uint8Array;
  /** What became of each hunk; undefined where the resolution also changed lines next to it. */
  readonly hunks: readonly (Uint8Array | undefined)[];
}

/**
 * Carries a resolution over to a text with the same conflicts: what lies around them may have changed since.
 *
 * @param preimage the normal form of the text that was resolved
 * @param postimage what a person made of it
 * @returns undefined when the changes around the conflicts get in the way
 * @see git-rerere(1)
 */
export function replayResolution(
  preimage: Uint8Array,
  postimage: Uint8Array,
  now: NormalConflict,
): ReplayedResolution | undefined {
  const { status, bytes } = mergeText(preimage, now.preimage, postimage);
  return status === 'clean' ? { bytes, hunks: answersOf(now, bytes) } : undefined;
}

function answersOf(conflict: NormalConflict, resolved: Uint8Array): (Uint8Array | undefined)[] {
  const cut = cutLines([conflict.preimage, resolved]);
  const [before, after] = cut.files as [Lines, Lines];
  const changes = new LineDiff('histogram', cut.distinct).compare(before.ids, after.ids);
  const answerOf = ({ start, end }: LineRange) => {
    let shift = 0;
    let growth = 0;
    for (const { oldStart, oldCount, newCount } of changes) {
      const oldEnd = oldStart + oldCount;
      if (oldEnd < start) shift += newCount - oldCount;
      else if (oldStart >= start && oldEnd <= end) growth += newCount - oldCount;
      else if (oldStart <= end) return undefined;
    }
    return sliceLines(after, start + shift, end + shift + growth);
  };
  return conflict.hunks.map(answerOf);
}
