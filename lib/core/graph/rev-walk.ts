import type { Oid } from '../object/oid.js';
import type { CommitGraph } from './commit-graph.js';
import { paintDown } from './paint.js';

const HIDDEN = 1;
const SHOWN = 2;

/**
 * Lists the commits that are reachable from `include` and not from `exclude`, children before parents.
 *
 * The order follows the graph (generation, then oid) and so is the same on every clone.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND` when a commit is missing
 * @see git-rev-list(1)
 */
export function revWalk(graph: CommitGraph, include: readonly Oid[], exclude: readonly Oid[] = []): Oid[] {
  const start = new Map<Oid, number>(include.map((oid) => [oid, SHOWN]));
  for (const oid of exclude) start.set(oid, HIDDEN);
  const shown: Oid[] = [];
  paintDown(
    graph,
    start,
    (paint) => (paint & HIDDEN) !== 0,
    (oid, paint) => {
      if (paint === SHOWN) shown.push(oid);
      return paint;
    },
  );
  return shown;
}
