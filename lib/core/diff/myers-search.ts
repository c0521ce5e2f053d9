import { coarseRoot } from './coarse-root.js';

/** Following more equal lines than this at once makes a diagonal look good. */
const LONG_RUN = 20;

/** Searches at least this far before settling for less than the best. */
const MIN_COST_LIMIT = 256;

const UNREACHED = 0x7fffffff;

/** Where a box is cut in two, and whether each part must be searched to the end. */
interface Split {
  readonly x: number;
  readonly y: number;
  readonly exactLow: boolean;
  readonly exactHigh: boolean;
}

/** A part of the edit graph: lines `x0` to `x1` of one file against `y0` to `y1` of the other. */
interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly exact: boolean;
}

/** The diagonals (x - y) that a search has reached; those between the ends have every other one current. */
interface Range {
  low: number;
  high: number;
}

/**
 * The divide-and-conquer search of Myers' diff, with the short cuts that git takes on large inputs.
 *
 * It works on the lines that are left after discarding, and flags them in the whole files.
 */
export class MyersSearch {
  readonly #p: Int32Array;
  readonly #q: Int32Array;
  /** Furthest x per diagonal from either end, at index diagonal + offset. */
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;
  readonly #offset: number;
  readonly #costLimit: number;
  /** Whether many equal lines were followed at once in the last step. */
  #longRun = false;

  /**
   * @param a,b line ids of the whole files
   * @param keptA,keptB positions of the lines to search
   * @param deleted,added flags per line of the whole files
   */
  constructor(
    a: Int32Array,
    b: Int32Array,
    private readonly keptA: Int32Array,
    private readonly keptB: Int32Array,
    private readonly deleted: Uint8Array,
    private readonly added: Uint8Array,
  ) {
    this.#p = keptA.map((at) => a[at]!);
    this.#q = keptB.map((at) => b[at]!);
    this.#offset = keptB.length + 1;
    this.#forward = new Int32Array(keptA.length + keptB.length + 3);
    this.#backward = new Int32Array(keptA.length + keptB.length + 3);
    this.#costLimit = Math.max(coarseRoot(keptA.length + keptB.length + 3), MIN_COST_LIMIT);
  }

  run(): void {
    const boxes: Box[] = [{ x0: 0, x1: this.#p.length, y0: 0, y1: this.#q.length, exact: false }];
    for (let box = boxes.pop(); box; box = boxes.pop()) {
      const { x0, x1, y0, y1, exact } = this.#trim(box);
      if (x0 === x1) {
        for (let y = y0; y < y1; y++) this.added[this.keptB[y]!] = 1;
      } else if (y0 === y1) {
        for (let x = x0; x < x1; x++) this.deleted[this.keptA[x]!] = 1;
      } else {
        const { x, y, exactLow, exactHigh } = this.#split({ x0, x1, y0, y1, exact });
        boxes.push({ x0: x, x1, y0: y, y1, exact: exactHigh });
        boxes.push({ x0, x1: x, y0, y1: y, exact: exactLow });
      }
    }
  }

  #trim({ x0, x1, y0, y1, exact }: Box): Box {
    while (x0 < x1 && y0 < y1 && this.#p[x0] === this.#q[y0]) {
      x0++;
      y0++;
    }
    while (x0 < x1 && y0 < y1 && this.#p[x1 - 1] === this.#q[y1 - 1]) {
      x1--;
      y1--;
    }
    return { x0, x1, y0, y1, exact };
  }

  #split(box: Box): Split {
    const start = box.x0 - box.y0;
    const end = box.x1 - box.y1;
    const odd = ((start - end) & 1) !== 0;
    const forward: Range = { low: start, high: start };
    const backward: Range = { low: end, high: end };
    this.#forward[start + this.#offset] = box.x0;
    this.#backward[end + this.#offset] = box.x1;
    for (let cost = 1; ; cost++) {
      this.#longRun = false;
      const met =
        this.#stepForward(box, forward, odd ? backward : NOWHERE) ??
        this.#stepBackward(box, backward, odd ? NOWHERE : forward);
      if (met) return met;
      if (box.exact) continue;
      if (cost > MIN_COST_LIMIT && this.#longRun) {
        const good = this.#goodForward(box, forward, cost) ?? this.#goodBackward(box, backward, cost);
        if (good) return good;
      }
      if (cost >= this.#costLimit) return this.#furthest(box, forward, backward);
    }
  }

  /** One more edit from the start; `meeting` are the diagonals of the other search, if it can be met now. */
  #stepForward(box: Box, range: Range, meeting: Range): Split | undefined {
    const { x1, y1 } = box;
    const { low, high } = meeting;
    const offset = this.#offset;
    const [p, q, reached, other] = [this.#p, this.#q, this.#forward, this.#backward];
    widen(range, box, reached, offset, -1);
    let above = reached[range.high + 1 + offset]!;
    for (let d = range.high; d >= range.low; d -= 2) {
      const below = reached[d - 1 + offset]!;
      let x = below >= above ? below + 1 : above;
      above = below;
      const from = x;
      const limit = Math.min(x1, y1 + d);
      while (x < limit && p[x] === q[x - d]) x++;
      if (x - from > LONG_RUN) this.#longRun = true;
      reached[d + offset] = x;
      if (d >= low && d <= high && other[d + offset]! <= x) return { x, y: x - d, exactLow: true, exactHigh: true };
    }
    return undefined;
  }

  /** One more edit from the end. */
  #stepBackward(box: Box, range: Range, meeting: Range): Split | undefined {
    const { x0, y0 } = box;
    const { low, high } = meeting;
    const offset = this.#offset;
    const [p, q, reached, other] = [this.#p, this.#q, this.#backward, this.#forward];
    widen(range, box, reached, offset, UNREACHED);
    let above = reached[range.high + 1 + offset]!;
    for (let d = range.high; d >= range.low; d -= 2) {
      const below = reached[d - 1 + offset]!;
      let x = below < above ? below : above - 1;
      above = below;
      const from = x;
      const limit = Math.max(x0, y0 + d);
      while (x > limit && p[x - 1] === q[x - d - 1]) x--;
      if (from - x > LONG_RUN) this.#longRun = true;
      reached[d + offset] = x;
      if (d >= low && d <= high && x <= other[d + offset]!) return { x, y: x - d, exactLow: true, exactHigh: true };
    }
    return undefined;
  }

  /** A diagonal on which the search from the start came far and just followed a long run. */
  #goodForward({ x0, x1, y0, y1 }: Box, range: Range, cost: number): Split | undefined {
    let best = 4 * cost;
    let split: Split | undefined;
    for (let d = range.high; d >= range.low; d -= 2) {
      const x = this.#forward[d + this.#offset]!;
      const y = x - d;
      const progress = x - x0 + (y - y0) - Math.abs(d - (x0 - y0));
      if (progress <= best || x < x0 + LONG_RUN || x >= x1 || y < y0 + LONG_RUN || y >= y1) continue;
      if (!this.#equalRun(x - LONG_RUN, y - LONG_RUN)) continue;
      best = progress;
      split = { x, y, exactLow: true, exactHigh: false };
    }
    return split;
  }

  /** The same from the end. */
  #goodBackward({ x0, x1, y0, y1 }: Box, range: Range, cost: number): Split | undefined {
    let best = 4 * cost;
    let split: Split | undefined;
    for (let d = range.high; d >= range.low; d -= 2) {
      const x = this.#backward[d + this.#offset]!;
      const y = x - d;
      const progress = x1 - x + (y1 - y) - Math.abs(d - (x1 - y1));
      if (progress <= best || x <= x0 || x > x1 - LONG_RUN || y <= y0 || y > y1 - LONG_RUN) continue;
      if (!this.#equalRun(x, y)) continue;
      best = progress;
      split = { x, y, exactLow: false, exactHigh: true };
    }
    return split;
  }

  #equalRun(x: number, y: number): boolean {
    for (let i = 0; i < LONG_RUN; i++) if (this.#p[x + i] !== this.#q[y + i]) return false;
    return true;
  }

  /** Gives up: the point furthest from where its search began. */
  #furthest({ x0, x1, y0, y1 }: Box, forward: Range, backward: Range): Split {
    let ahead = { sum: -1, x: 0 };
    for (let d = forward.high; d >= forward.low; d -= 2) {
      const x = Math.min(this.#forward[d + this.#offset]!, x1, y1 + d);
      if (ahead.sum < x + x - d) ahead = { sum: x + x - d, x };
    }
    let back = { sum: UNREACHED, x: 0 };
    for (let d = backward.high; d >= backward.low; d -= 2) {
      const x = Math.max(this.#backward[d + this.#offset]!, x0, y0 + d);
      if (x + x - d < back.sum) back = { sum: x + x - d, x };
    }
    return x1 + y1 - back.sum < ahead.sum - (x0 + y0)
      ? { x: ahead.x, y: ahead.sum - ahead.x, exactLow: true, exactHigh: false }
      : { x: back.x, y: back.sum - back.x, exactLow: false, exactHigh: true };
  }
}

/** The range of a search that cannot be met. */
const NOWHERE: Range = { low: 1, high: 0 };

/** Takes one more diagonal at each end of a range, or one less where the box ends. */
function widen(range: Range, { x0, x1, y0, y1 }: Box, reached: Int32Array, offset: number, unreached: number): void {
  if (range.low > x0 - y1) reached[--range.low - 1 + offset] = unreached;
  else range.low++;
  if (range.high < x1 - y0) reached[++range.high + 1 + offset] = unreached;
  else range.high--;
}
