import { HistogramDiff } from './histogram.js';
import type { PlaceRun } from './indent-heuristic.js';
import { MyersDiff } from './myers.js';
import { slideChanges } from './slide.js';

/** How lines are paired: `git merge` uses histogram; `git diff` and `git merge-file` use myers. */
export type DiffAlgorithm = 'histogram' | 'myers';

/** One change: `oldCount` lines from `oldStart` become `newCount` lines from `newStart`; positions count from 0. */
export interface LineChange {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
}

/** Compares sequences of line ids; holds working memory, so that many small comparisons are cheap. */
export class LineDiff {
  readonly #algorithm: HistogramDiff | MyersDiff;

  /** @param distinct how many distinct lines there are, as `cutLines` says; every id is below */
  constructor(algorithm: DiffAlgorithm, distinct: number) {
    this.#algorithm = algorithm === 'histogram' ? new HistogramDiff(distinct) : new MyersDiff(distinct);
  }

  /**
   * The changes that turn `before` into `after`, ascending; empty when they are equal.
   *
   * @param place by file, where a run of changed lines stands that could stand in several places; a merge has none
   */
  compare(before: Int32Array, after: Int32Array, place?: { before: PlaceRun; after: PlaceRun }): LineChange[] {
    const deleted = new Uint8Array(before.length);
    const added = new Uint8Array(after.length);
    this.#algorithm.flag(before, after, deleted, added);
    slideChanges(before, deleted, added, place?.before);
    slideChanges(after, added, deleted, place?.after);
    return changesOf(deleted, added);
  }
}

function changesOf(deleted: Uint8Array, added: Uint8Array): LineChange[] {
  const changes: LineChange[] = [];
  let x = 0;
  let y = 0;
  while (x < deleted.length || y < added.length) {
    const oldStart = x;
    const newStart = y;
    while (deleted[x] === 1) x++;
    while (added[y] === 1) y++;
    if (x > oldStart || y > newStart) {
      changes.push({ oldStart, oldCount: x - oldStart, newStart, newCount: y - newStart });
    }
    x++;
    y++;
  }
  return changes;
}
