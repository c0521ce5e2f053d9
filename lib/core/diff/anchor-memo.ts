import { type AnchorScan, begin, MAX_OCCURRENCES, nothingFound, type Region, type Scanned } from './anchor-scan.js';

/** Lines of B that are scanned at once. */
const LEAF = 32;

/** Some lines of B, and what scanning them came to if that is known. */
interface Stretch extends Scanned {
  readonly from: number;
  readonly to: number;
  /** Undefined for lines that are scanned at once. */
  readonly halves: readonly [Stretch, Stretch] | undefined;
  known: boolean;
  /** The line at which the scan began, and the lowest number of occurrences before. */
  entry: number;
  lowestBefore: number;
}

/**
 * Searches a large region again and again while parts of it are split off, and scans only what that changed.
 *
 * A balanced tree over the lines of B. What is known of a stretch is forgotten when a line there becomes rarer in A, or
 * a run found there crosses the new end of the region.
 */
export class AnchorMemo {
  readonly #scan: AnchorScan;
  /** Per distinct line: its first occurrence in the region's part of B plus one. */
  readonly #first: Int32Array;
  /** Per line of B: the next occurrence of the same line plus one. */
  #following: Int32Array = new Int32Array(0);
  #a: Int32Array = new Int32Array(0);
  #b: Int32Array = new Int32Array(0);
  #b0 = 0;
  #b1 = 0;
  #root = plant(0, 0);
  /** How many more lines of B may be looked up; then it is cheaper to scan all of them. */
  #patience = 0;

  /** @param distinct how many distinct lines there are; every id is below */
  constructor(scan: AnchorScan, distinct: number) {
    this.#scan = scan;
    this.#first = new Int32Array(distinct);
  }

  /** Begins with the region that the scan has open. */
  open(a: Int32Array, b: Int32Array): void {
    if (this.#following.length < b.length) this.#following = new Int32Array(b.length);
    this.#a = a;
    this.#b = b;
    this.#b0 = this.#scan.b0;
    this.#b1 = this.#scan.b1;
    this.#root = plant(this.#b0, this.#b1);
    for (let j = this.#b1 - 1; j >= this.#b0; j--) {
      const id = b[j]!;
      this.#following[j] = this.#first[id]!;
      this.#first[id] = j + 1;
    }
  }

  close(): void {
    for (let j = this.#b0; j < this.#b1; j++) this.#first[this.#b[j]!] = 0;
  }

  /** The same as scanning all of the region. */
  scan(): Scanned {
    this.#look(this.#root, this.#scan.b0, MAX_OCCURRENCES + 1);
    return this.#root;
  }

  #look(stretch: Stretch, entry: number, lowest: number): void {
    if (stretch.known && stretch.entry === entry && stretch.lowestBefore === lowest) return;
    stretch.known = true;
    stretch.entry = entry;
    stretch.lowestBefore = lowest;
    const end = Math.min(stretch.to, this.#scan.b1);
    if (!stretch.halves) {
      this.#scan.scan(entry, end, lowest, stretch);
      return;
    }
    begin(stretch, entry, lowest);
    const [left, right] = stretch.halves;
    if (entry < left.to) {
      this.#look(left, entry, lowest);
      goOn(stretch, left);
    }
    if (stretch.next < end) {
      this.#look(right, stretch.next, stretch.lowest);
      goOn(stretch, right);
    }
    stretch.low = Math.min(left.low, right.low);
    stretch.high = Math.max(left.high, right.high);
  }

  /** Makes the scan's region smaller, and forgets what is not the same any more. */
  narrow({ a0, a1, b0, b1 }: Region): void {
    const scan = this.#scan;
    this.#patience = (b1 - b0) >> 8;
    for (let j = scan.b0; j < b0; j++) this.#first[this.#b[j]!] = this.#following[j]!;
    if (scan.b0 < b0) forget(this.#root, b0 - 1);
    if (scan.b1 > b1) forget(this.#root, b1);
    scan.b0 = b0;
    scan.b1 = b1;
    const [startMoves, endMoves] = [scan.a0 < a0, scan.a1 > a1];
    while (scan.a0 < a0) this.#forgetLine(scan.dropFirst());
    while (scan.a1 > a1) this.#forgetLine(scan.dropLast());
    if (startMoves) this.#forgetAcross(a0, 1);
    if (endMoves) this.#forgetAcross(a1 - 1, -1);
  }

  /**
   * Forgets runs across an end of A's part. None of their lines may have become rarer, but all of them have the first line
   * from there in common that can be an anchor.
   */
  #forgetAcross(end: number, step: 1 | -1): void {
    const { a0, a1 } = this.#scan;
    let i = end;
    while (i >= a0 && i < a1 && !this.#scan.canAnchor(this.#a[i]!)) i += step;
    if (i >= a0 && i < a1) this.#forgetLine(this.#a[i]!);
  }

  /** Forgets what was found where a line stands that became rarer in A. */
  #forgetLine(id: number): void {
    // What is this frequent was left out before, too.
    if (!this.#scan.canAnchor(id) || this.#patience < 0) return;
    for (let j = this.#first[id]! - 1; j >= 0 && j < this.#scan.b1; j = this.#following[j]! - 1) {
      if (--this.#patience < 0) {
        this.#root = plant(this.#scan.b0, this.#scan.b1);
        return;
      }
      forget(this.#root, j);
    }
  }
}

function plant(from: number, to: number): Stretch {
  const middle = from + LEAF * Math.ceil((to - from) / LEAF / 2);
  const halves = to - from > LEAF ? ([plant(from, middle), plant(middle, to)] as const) : undefined;
  return { from, to, halves, known: false, entry: from, lowestBefore: 0, ...nothingFound(), low: to, high: from };
}

/** Forgets all in which a line of B had a say. */
function forget(stretch: Stretch, line: number): void {
  if (line < stretch.low || line >= stretch.high) return;
  stretch.known = false;
  if (stretch.halves) {
    const [left, right] = stretch.halves;
    forget(left, line);
    forget(right, line);
    stretch.low = Math.min(left.low, right.low);
    stretch.high = Math.max(left.high, right.high);
  } else {
    stretch.low = stretch.to;
    stretch.high = stretch.from;
  }
}

/** Adds what a scan found that began where this one ended. */
function goOn(found: Scanned, later: Scanned): void {
  if (later.rarer || later.length > found.length) {
    found.a = later.a;
    found.b = later.b;
    found.length = later.length;
  }
  found.rarer ||= later.rarer;
  found.lowest = later.lowest;
  found.next = later.next;
}
