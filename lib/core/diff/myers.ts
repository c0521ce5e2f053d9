import { flagHopeless } from './myers-discard.js';
import { MyersSearch } from './myers-search.js';

/**
 * Git's Myers diff: common start and end aside, lines without a partner are flagged first, the rest is searched for a
 * short edit script.
 *
 * @see E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986); git-diff(1) `--diff-algorithm=myers`
 */
export class MyersDiff {
  /** Per distinct line: occurrences in each file. */
  readonly #inA: Int32Array;
  readonly #inB: Int32Array;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#inA = new Int32Array(distinct);
    this.#inB = new Int32Array(distinct);
  }

  /** Flags with 1 the lines of `a` to delete and those of `b` to add. */
  flag(a: Int32Array, b: Int32Array, deleted: Uint8Array, added: Uint8Array): void {
    const shorter = Math.min(a.length, b.length);
    let start = 0;
    while (start < shorter && a[start] === b[start]) start++;
    let end = 0;
    while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;

    for (const id of a) this.#inA[id]!++;
    for (const id of b) this.#inB[id]!++;
    const keptA = flagHopeless(a, start, a.length - end, this.#inB, deleted);
    const keptB = flagHopeless(b, start, b.length - end, this.#inA, added);
    for (const id of a) this.#inA[id] = 0;
    for (const id of b) this.#inB[id] = 0;

    new MyersSearch(a, b, keptA, keptB, deleted, added).run();
  }
}
