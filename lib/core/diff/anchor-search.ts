import { AnchorMemo } from './anchor-memo.js';
import { AnchorScan, MAX_OCCURRENCES, nothingFound, type Region, type Scanned } from './anchor-scan.js';

/** Regions with fewer lines of B are scanned anew each time. */
const LARGE = 512;

/** Finds the equal lines at which histogram diff splits a region. */
export class AnchorSearch {
  readonly #distinct: number;
  readonly #scan: AnchorScan;
  readonly #found = nothingFound();
  #memo: AnchorMemo | undefined;
  #remembers = false;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#distinct = distinct;
    this.#scan = new AnchorScan(distinct);
  }

  open(a: Int32Array, b: Int32Array, region: Region): void {
    this.#scan.open(a, b, region);
    this.#remembers = region.b1 - region.b0 >= LARGE;
    if (!this.#remembers) return;
    this.#memo ??= new AnchorMemo(this.#scan, this.#distinct);
    this.#memo.open(a, b);
  }

  /** The anchor of the open region, or why there is none: no line in common, or only such as occur too often. */
  find(): Region | 'none' | 'too common' {
    const { rarer, a, b, length } = this.#remembers ? this.#memo!.scan() : this.#scanAll();
    if (rarer) return { a0: a, a1: a + length, b0: b, b1: b + length };
    return this.#scan.hasCommonLine() ? 'too common' : 'none';
  }

  #scanAll(): Scanned {
    this.#scan.scan(this.#scan.b0, this.#scan.b1, MAX_OCCURRENCES + 1, this.#found);
    return this.#found;
  }

  /** Goes on with a part of the open region. */
  narrow(part: Region): void {
    if (this.#remembers) this.#memo!.narrow(part);
    else this.#scan.narrow(part);
  }

  close(): void {
    if (this.#remembers) this.#memo!.close();
    this.#scan.close();
  }
}
