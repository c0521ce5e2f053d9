import type { Oid } from '../object/oid.js';
import type { CommitGraph } from './commit-graph.js';
import { paintDown } from './paint.js';

const OURS = 1;
const THEIRS = 2;
const BOTH = OURS | THEIRS;
const BELOW_BASE = 4;

/**
 * Finds the common ancestors of `ours` and `theirs` from which no other common ancestor descends.
 *
 * @returns `[]` for unrelated histories, usually one oid, several after a criss-cross merge; sorted
 * @throws {SyncError} `OBJECT_NOT_FOUND` when a commit is missing
 * @see git-merge-base(1), "Discussion"
 */
export function mergeBases(graph: CommitGraph, ours: Oid, theirs: Oid): Oid[] {
  if (ours === theirs) return [ours];
  const bases: Oid[] = [];
  paintDown(
    graph,
    new Map([
      [ours, OURS],
      [theirs, THEIRS],
    ]),
    (paint) => (paint & BELOW_BASE) !== 0,
    (oid, paint) => {
      if (paint !== BOTH) return paint;
      bases.push(oid);
      return paint | BELOW_BASE;
    },
  );
  return bases.sort();
}

/**
 * Tells whether `descendant` contains `ancestor` (a commit contains itself).
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND` when a commit is missing
 */
export function contains(graph: CommitGraph, descendant: Oid, ancestor: Oid): boolean {
  const bases = mergeBases(graph, descendant, ancestor);
  return bases.length === 1 && bases[0] === ancestor;
}
