import type { Region } from './anchor-scan.js';
import { AnchorSearch } from './anchor-search.js';
import { MyersDiff } from './myers.js';

/**
 * Git's histogram diff: splits the files at the longest run among their rarest common lines, again and again.
 *
 * @see git-diff(1) `--diff-algorithm=histogram`
 */
export class HistogramDiff {
  readonly #search: AnchorSearch;
  readonly #myers: MyersDiff;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#search = new AnchorSearch(distinct);
    this.#myers = new MyersDiff(distinct);
  }

  /** Flags with 1 the lines of `a` to delete and those of `b` to add. */
  flag(a: Int32Array, b: Int32Array, deleted: Uint8Array, added: Uint8Array): void {
    // A stack of our own, since hostile files nest deeply. The order of regions does not matter.
    const waiting: number[] = [0, a.length, 0, b.length];
    while (waiting.length > 0) {
      const [a0, a1, b0, b1] = waiting.splice(-4) as [number, number, number, number];
      const { rest, tooCommon } = this.#splitOff(a, b, { a0, a1, b0, b1 }, waiting);
      if (tooCommon) {
        const parts = [a.subarray(rest.a0, rest.a1), b.subarray(rest.b0, rest.b1)] as const;
        this.#myers.flag(...parts, deleted.subarray(rest.a0, rest.a1), added.subarray(rest.b0, rest.b1));
      } else {
        deleted.fill(1, rest.a0, rest.a1);
        added.fill(1, rest.b0, rest.b1);
      }
    }
  }

  /**
   * Splits a region at one anchor after the other. The smaller part has to wait each time, so that no line is indexed
   * more often than the logarithm of their number.
   *
   * @returns the part without an anchor that is left in the end
   */
  #splitOff(a: Int32Array, b: Int32Array, region: Region, waiting: number[]): { rest: Region; tooCommon: boolean } {
    let rest = region;
    if (isOneSided(rest)) return { rest, tooCommon: false };
    this.#search.open(a, b, region);
    let anchor: ReturnType<AnchorSearch['find']> = 'none';
    while (!isOneSided(rest)) {
      anchor = this.#search.find();
      if (typeof anchor === 'string') break;
      const before = { a0: rest.a0, a1: anchor.a0, b0: rest.b0, b1: anchor.b0 };
      const after = { a0: anchor.a1, a1: rest.a1, b0: anchor.b1, b1: rest.b1 };
      const beforeIsLarger = sizeOf(before) > sizeOf(after);
      const smaller = beforeIsLarger ? after : before;
      if (sizeOf(smaller) > 0) waiting.push(smaller.a0, smaller.a1, smaller.b0, smaller.b1);
      rest = beforeIsLarger ? before : after;
      this.#search.narrow(rest);
    }
    this.#search.close();
    return { rest, tooCommon: anchor === 'too common' };
  }
}

/** Whether one file has no lines in a region. */
function isOneSided({ a0, a1, b0, b1 }: Region): boolean {
  return a0 === a1 || b0 === b1;
}

/** The lines of both files. */
function sizeOf({ a0, a1, b0, b1 }: Region): number {
  return a1 - a0 + b1 - b0;
}
