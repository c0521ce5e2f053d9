import { MyersDiff } from './myers.js';

/** Lines occurring more often than this in a region are no anchors. */
const MAX_OCCURRENCES = 64;

/** A part of both files: lines `a0` to `a1` of one against `b0` to `b1` of the other. */
interface Region {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/**
 * Git's histogram diff: splits the files at the longest run among their rarest common lines, again and again. Quadratic
 * at worst, as git's is: when every other line of a long file is new.
 *
 * @see git-diff(1) `--diff-algorithm=histogram`
 */
export class HistogramDiff {
  /** Per distinct line: occurrences in the indexed region of A, and the first of them plus one. */
  readonly #count: Int32Array;
  readonly #first: Int32Array;
  /** Per line of A: the next occurrence of the same line plus one. */
  #next = new Int32Array(0);
  readonly #myers: MyersDiff;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#count = new Int32Array(distinct);
    this.#first = new Int32Array(distinct);
    this.#myers = new MyersDiff(distinct);
  }

  /** Flags with 1 the lines of `a` to delete and those of `b` to add. */
  flag(a: Int32Array, b: Int32Array, deleted: Uint8Array, added: Uint8Array): void {
    this.#next = new Int32Array(a.length);
    // A stack of our own, since hostile files nest deeply. The order of regions does not matter.
    const regions: Region[] = [{ a0: 0, a1: a.length, b0: 0, b1: b.length }];
    for (let region = regions.pop(); region; region = regions.pop()) {
      const { a0, a1, b0, b1 } = region;
      const anchor = a0 === a1 || b0 === b1 ? 'none' : this.#findAnchor(a, b, region);
      if (anchor === 'none') {
        deleted.fill(1, a0, a1);
        added.fill(1, b0, b1);
      } else if (anchor === 'too common') {
        const parts = [a.subarray(a0, a1), b.subarray(b0, b1)] as const;
        this.#myers.flag(...parts, deleted.subarray(a0, a1), added.subarray(b0, b1));
      } else {
        regions.push({ a0, a1: anchor.a0, b0, b1: anchor.b0 });
        regions.push({ a0: anchor.a1, a1, b0: anchor.b1, b1 });
      }
    }
  }

  /** The equal lines at which to split a region; no line in common, or only such as occur too often. */
  #findAnchor(a: Int32Array, b: Int32Array, region: Region): Region | 'none' | 'too common' {
    const count = this.#count;
    this.#index(a, region);
    let best: Region | undefined;
    let longest = 1;
    let lowest = MAX_OCCURRENCES + 1;
    let common = false;
    for (let j = region.b0, next = j; j < region.b1; j = next) {
      next = j + 1;
      const occurrences = count[b[j]!]!;
      if (occurrences > 0) common = true;
      if (occurrences > lowest) continue;
      let i = this.#first[b[j]!]! - 1;
      while (i >= 0) {
        const block = growBlock(a, b, i, j, region);
        const rarity = this.#rarity(a, block, occurrences);
        if (block.a1 - block.a0 > longest || rarity < lowest) {
          best = block;
          longest = block.a1 - block.a0;
          lowest = rarity;
        }
        next = Math.max(next, block.b1);
        while (i >= 0 && i < block.a1) i = this.#next[i]! - 1;
      }
    }
    this.#clear(a, region);
    if (common && lowest > MAX_OCCURRENCES) return 'too common';
    return best ?? 'none';
  }

  /** The occurrences of the rarest line of a block. */
  #rarity(a: Int32Array, { a0, a1 }: Region, atMost: number): number {
    let rarest = atMost;
    for (let i = a0; i < a1 && rarest > 1; i++) rarest = Math.min(rarest, this.#count[a[i]!]!);
    return rarest;
  }

  #index(a: Int32Array, { a0, a1 }: Region): void {
    for (let i = a1 - 1; i >= a0; i--) {
      const id = a[i]!;
      this.#next[i] = this.#first[id]!;
      this.#first[id] = i + 1;
      this.#count[id]!++;
    }
  }

  #clear(a: Int32Array, { a0, a1 }: Region): void {
    for (let i = a0; i < a1; i++) {
      this.#count[a[i]!] = 0;
      this.#first[a[i]!] = 0;
    }
  }
}

/** The longest run of equal lines through line `i` of one file and the equal line `j` of the other. */
function growBlock(a: Int32Array, b: Int32Array, i: number, j: number, region: Region): Region {
  let [a0, a1, b0, b1] = [i, i + 1, j, j + 1];
  while (a0 > region.a0 && b0 > region.b0 && a[a0 - 1] === b[b0 - 1]) {
    a0--;
    b0--;
  }
  while (a1 < region.a1 && b1 < region.b1 && a[a1] === b[b1]) {
    a1++;
    b1++;
  }
  return { a0, a1, b0, b1 };
}
