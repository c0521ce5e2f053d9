import type { PlaceRun } from './indent-heuristic.js';

/**
 * Moves runs of flagged lines to where git shows them: facing a change of the other file if one can be reached by
 * sliding over equal lines, otherwise as far down as they go.
 *
 * @param ids,flags the file whose runs move, its flags changed in place
 * @param otherFlags the flags of the other file
 * @param place chooses instead where a run stands that can face no change
 */
export function slideChanges(ids: Int32Array, flags: Uint8Array, otherFlags: Uint8Array, place?: PlaceRun): void {
  const run = new RunCursor(ids, flags);
  const other = new FlagCursor(otherFlags);
  do {
    if (!run.empty) slideRun(run, other, place);
    other.next();
  } while (run.next());
}

function slideRun(run: RunCursor, other: FlagCursor, place?: PlaceRun): void {
  let size: number;
  let earliestEnd: number;
  let canFace: boolean;
  do {
    size = run.end - run.start;
    while (run.slideUp()) other.previous();
    earliestEnd = run.end;
    canFace = !other.empty;
    while (run.slideDown()) {
      other.next();
      canFace ||= !other.empty;
    }
  } while (run.end - run.start !== size);
  if (run.end === earliestEnd) return;
  if (canFace) {
    while (other.empty && run.slideUp()) other.previous();
  } else if (place) {
    const end = place(size, earliestEnd, run.end);
    while (run.end > end && run.slideUp()) other.previous();
  }
}

/** Walks over the runs of flagged lines `[start, end)`; an empty one stands wherever two unflagged lines touch. */
class FlagCursor {
  start = 0;
  end = 0;

  constructor(readonly flags: Uint8Array) {
    while (this.flags[this.end] === 1) this.end++;
  }

  get empty(): boolean {
    return this.start === this.end;
  }

  next(): boolean {
    if (this.end === this.flags.length) return false;
    this.start = ++this.end;
    while (this.flags[this.end] === 1) this.end++;
    return true;
  }

  previous(): void {
    this.end = --this.start;
    while (this.flags[this.start - 1] === 1) this.start--;
  }
}

class RunCursor extends FlagCursor {
  constructor(
    readonly ids: Int32Array,
    flags: Uint8Array,
  ) {
    super(flags);
  }

  /** Moves the run up by one line if that changes nothing, swallowing a run it then touches. */
  slideUp(): boolean {
    if (this.start === 0 || this.ids[this.start - 1] !== this.ids[this.end - 1]) return false;
    this.flags[--this.start] = 1;
    this.flags[--this.end] = 0;
    while (this.flags[this.start - 1] === 1) this.start--;
    return true;
  }

  /** The same downwards. */
  slideDown(): boolean {
    if (this.end === this.flags.length || this.ids[this.start] !== this.ids[this.end]) return false;
    this.flags[this.start++] = 0;
    this.flags[this.end++] = 1;
    while (this.flags[this.end] === 1) this.end++;
    return true;
  }
}
