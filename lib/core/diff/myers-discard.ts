import { coarseRoot } from './coarse-root.js';

const ABSENT = 0;
const RARE = 1;
const FREQUENT = 2;

/** A line counts as frequent at this many occurrences in the other file, however long that is. */
const MAX_THRESHOLD = 1024;

/** How many lines around a frequent one are looked at. */
const WINDOW = 100;

/**
 * Flags the lines that the search is better off without: those the other file does not have, and frequent ones
 * that stand among such lines.
 *
 * @param elsewhere occurrences of each line in the other file
 * @returns the positions of the other lines between `start` and `end`, ascending
 */
export function flagHopeless(
  ids: Int32Array,
  start: number,
  end: number,
  elsewhere: Int32Array,
  flags: Uint8Array,
): Int32Array {
  const threshold = Math.min(coarseRoot(ids.length), MAX_THRESHOLD);
  const classes = new Uint8Array(end - start);
  for (let i = 0; i < classes.length; i++) {
    const count = elsewhere[ids[start + i]!]!;
    classes[i] = count === 0 ? ABSENT : count >= threshold ? FREQUENT : RARE;
  }
  const kept = new Int32Array(classes.length);
  let size = 0;
  for (let i = 0; i < classes.length; i++) {
    if (classes[i] === ABSENT || (classes[i] === FREQUENT && isSurrounded(classes, i))) flags[start + i] = 1;
    else kept[size++] = start + i;
  }
  return kept.subarray(0, size);
}

/** Whether a frequent line has absent ones on both sides, and over three of them for each frequent one. */
function isSurrounded(classes: Uint8Array, at: number): boolean {
  let absent = 0;
  let frequent = 0;
  for (const step of [-1, 1]) {
    const before = absent;
    frequent++;
    for (let i = at + step; i >= 0 && i < classes.length && Math.abs(i - at) <= WINDOW; i += step) {
      if (classes[i] === RARE) break;
      if (classes[i] === ABSENT) absent++;
      else frequent++;
    }
    if (absent === before) return false;
  }
  return 4 * frequent < frequent + absent;
}
