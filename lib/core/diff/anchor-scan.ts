/** Lines that occur more often than this in a region are no anchors. */
export const MAX_OCCURRENCES = 64;

/** A part of both files: lines `a0` to `a1` of one against `b0` to `b1` of the other. */
export interface Region {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/** What a scan over some lines of B came to; changed in place, since hostile files take millions of scans. */
export interface Scanned {
  /** The line of B at which scanning goes on: a run that was found may lead past the end. */
  next: number;
  /** Occurrences in A of the rarest line of the best run; as before the scan if none was rarer. */
  lowest: number;
  /** Whether there was a rarer run. Then the best run beats all that were found before, otherwise only shorter ones. */
  rarer: boolean;
  /** The best run; of no lines if there was none. */
  a: number;
  b: number;
  length: number;
  /** The lines of B that had a say, from `low` up to, not including, `high`. */
  low: number;
  high: number;
}

/** A place for the answer of a scan. */
export function nothingFound(): Scanned {
  return { next: 0, lowest: 0, rarer: false, a: 0, b: 0, length: 0, low: 0, high: 0 };
}

/** The state of a scan before its first line. */
export function begin(scanned: Scanned, from: number, lowest: number): void {
  scanned.next = from;
  scanned.lowest = lowest;
  scanned.rarer = false;
  scanned.length = 0;
  scanned.low = from;
  scanned.high = from;
}

/** A region being searched for an anchor: the lines of A are counted and chained, those of B are scanned. */
export class AnchorScan {
  /** Occurrences of a line in the region's part of A, and the first of them plus one. */
  readonly #count: Int32Array;
  readonly #first: Int32Array;
  /** Per line of A: the next occurrence of the same line plus one. */
  #following: Int32Array = new Int32Array(0);
  #a: Int32Array = new Int32Array(0);
  #b: Int32Array = new Int32Array(0);
  a0 = 0;
  a1 = 0;
  b0 = 0;
  b1 = 0;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(distinct: number) {
    this.#count = new Int32Array(distinct);
    this.#first = new Int32Array(distinct);
  }

  open(a: Int32Array, b: Int32Array, { a0, a1, b0, b1 }: Region): void {
    if (this.#following.length < a.length) this.#following = new Int32Array(a.length);
    this.#a = a;
    this.#b = b;
    this.a0 = a0;
    this.a1 = a1;
    this.b0 = b0;
    this.b1 = b1;
    for (let i = a1 - 1; i >= a0; i--) {
      const id = a[i]!;
      this.#following[i] = this.#first[id]!;
      this.#first[id] = i + 1;
      this.#count[id]!++;
    }
  }

  close(): void {
    for (let i = this.a0; i < this.a1; i++) {
      this.#count[this.#a[i]!] = 0;
      this.#first[this.#a[i]!] = 0;
    }
  }

  /** Whether a line is not too frequent to be an anchor. */
  canAnchor(id: number): boolean {
    return this.#count[id]! <= MAX_OCCURRENCES + 1;
  }

  /** Whether any line of B's part occurs in A's. */
  hasCommonLine(): boolean {
    for (let j = this.b0; j < this.b1; j++) if (this.#count[this.#b[j]!] !== 0) return true;
    return false;
  }

  /** Makes the region smaller. */
  narrow({ a0, a1, b0, b1 }: Region): void {
    while (this.a0 < a0) this.dropFirst();
    while (this.a1 > a1) this.dropLast();
    this.b0 = b0;
    this.b1 = b1;
  }

  /** Takes the first line of A out of the region, and answers its id. */
  dropFirst(): number {
    const i = this.a0++;
    const id = this.#a[i]!;
    this.#first[id] = --this.#count[id]! === 0 ? 0 : this.#following[i]!;
    return id;
  }

  /** Takes the last line of A out of the region, and answers its id. */
  dropLast(): number {
    const id = this.#a[--this.a1]!;
    if (--this.#count[id]! === 0) this.#first[id] = 0;
    return id;
  }

  /**
   * Looks through lines of B for the best run of lines common to both files: the one with the rarest line, and of
   * those the longest, the first of equals.
   *
   * @param lowest occurrences of the rarest line of the best run so far
   * @param best takes the answer
   */
  scan(from: number, to: number, lowest: number, best: Scanned): void {
    const { a0, a1, b0, b1 } = this;
    const a = this.#a;
    const b = this.#b;
    const count = this.#count;
    const following = this.#following;
    begin(best, from, lowest);
    for (let j = from; j < to; j = best.next) {
      best.next = j + 1;
      const occurrences = count[b[j]!]!;
      if (occurrences === 0 || occurrences > best.lowest) continue;
      for (let i = this.#first[b[j]!]! - 1; i >= 0 && i < a1; ) {
        let start = i;
        while (start > a0 && j - i + start > b0 && a[start - 1] === b[j - i + start - 1]) start--;
        let end = i + 1;
        while (end < a1 && j - i + end < b1 && a[end] === b[j - i + end]) end++;
        let rarity = occurrences;
        for (let k = start; k < end && rarity > 1; k++) if (count[a[k]!]! < rarity) rarity = count[a[k]!]!;
        if (end - start > best.length || rarity < best.lowest) {
          best.rarer ||= rarity < best.lowest;
          best.lowest = rarity;
          best.a = start;
          best.b = j - i + start;
          best.length = end - start;
        }
        if (j - i + start < best.low) best.low = j - i + start;
        if (j - i + end > best.next) best.next = j - i + end;
        do i = following[i]! - 1;
        while (i >= 0 && i < end);
      }
    }
    best.high = Math.max(best.next, to);
  }
}
