import { MyersDiff } from './myers.js';

/** Lines occurring more often than this in a region are no anchors. */
const MAX_OCCURRENCES = 64;

/** A run of equal lines: `length` of them from `a` in one file and from `b` in the other. */
interface Block {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

/**
 * Git's histogram diff: splits the files at the longest run among their rarest common lines, again and again.
 *
 * @see git-diff(1) `--diff-algorithm=histogram`
 */
export class HistogramDiff {
  /** Per distinct line: occurrences in the current region of A, and the first of them plus one. */
  readonly #count: Int32Array;
  readonly #first: Int32Array;
  readonly #myers: MyersDiff;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#count = new Int32Array(distinct);
    this.#first = new Int32Array(distinct);
    this.#myers = new MyersDiff(distinct);
  }

  /** Flags with 1 the lines of `a` to delete and those of `b` to add. */
  flag(a: Int32Array, b: Int32Array, deleted: Uint8Array, added: Uint8Array): void {
    const next = new Int32Array(a.length);
    // A stack of our own, since hostile files nest deeply. The order of regions does not matter.
    const regions = [0, a.length, 0, b.length];
    while (regions.length > 0) {
      const b1 = regions.pop()!;
      const b0 = regions.pop()!;
      const a1 = regions.pop()!;
      const a0 = regions.pop()!;
      const split = a0 === a1 || b0 === b1 ? 'different' : this.#split(a, b, a0, a1, b0, b1, next);
      if (split === 'different') {
        deleted.fill(1, a0, a1);
        added.fill(1, b0, b1);
      } else if (split === 'too common') {
        this.#myers.flag(a.subarray(a0, a1), b.subarray(b0, b1), deleted.subarray(a0, a1), added.subarray(b0, b1));
      } else {
        regions.push(a0, split.a, b0, split.b);
        regions.push(split.a + split.length, a1, split.b + split.length, b1);
      }
    }
  }

  #split(
    a: Int32Array,
    b: Int32Array,
    a0: number,
    a1: number,
    b0: number,
    b1: number,
    next: Int32Array,
  ): Block | 'different' | 'too common' {
    const count = this.#count;
    const first = this.#first;
    for (let i = a1 - 1; i >= a0; i--) {
      const id = a[i]!;
      next[i] = first[id]!;
      first[id] = i + 1;
      count[id]!++;
    }
    let best: Block | undefined;
    let bestLength = 1;
    let lowest = MAX_OCCURRENCES + 1;
    let common = false;
    for (let j = b0; j < b1; ) {
      let nextJ = j + 1;
      const occurrences = count[b[j]!]!;
      if (occurrences > 0) common = true;
      if (occurrences > 0 && occurrences <= lowest) {
        for (let i = first[b[j]!]! - 1; i >= 0; ) {
          let startA = i;
          let startB = j;
          let rarest = occurrences;
          while (startA > a0 && startB > b0 && a[startA - 1] === b[startB - 1]) {
            startA--;
            startB--;
            if (rarest > 1) rarest = Math.min(rarest, count[a[startA]!]!);
          }
          let endA = i + 1;
          let endB = j + 1;
          while (endA < a1 && endB < b1 && a[endA] === b[endB]) {
            if (rarest > 1) rarest = Math.min(rarest, count[a[endA]!]!);
            endA++;
            endB++;
          }
          if (nextJ < endB) nextJ = endB;
          if (endA - startA > bestLength || rarest < lowest) {
            bestLength = endA - startA;
            best = { a: startA, b: startB, length: bestLength };
            lowest = rarest;
          }
          do i = next[i]! - 1;
          while (i >= 0 && i < endA);
        }
      }
      j = nextJ;
    }
    for (let i = a0; i < a1; i++) {
      count[a[i]!] = 0;
      first[a[i]!] = 0;
    }
    if (common && lowest > MAX_OCCURRENCES) return 'too common';
    return best ?? 'different';
  }
}
