import type { Oid } from '../object/oid.js';
import type { CommitGraph } from './commit-graph.js';
import { mergeBases } from './merge-base.js';

const OURS = 1;
const THEIRS = 2;
const BOTH = OURS | THEIRS;
const BELOW_BASE = 4;

/**
 * Finds the merge bases in the order in which git merges them: by date, oldest first, and of equal ones the one last that
 * git's walk comes upon first.
 *
 * Nothing else goes by dates; but what several bases merge to depends on their order, and is to be what git makes of them.
 *
 * @param dateOf when a commit was committed, in seconds since the epoch
 * @throws {SyncError} `OBJECT_NOT_FOUND` when a commit is missing
 */
export function mergeBasesByDate(
  graph: CommitGraph,
  dateOf: (oid: Oid) => number,
  ours: Oid,
  theirs: Oid,
): readonly Oid[] {
  const bases = mergeBases(graph, ours, theirs);
  if (bases.length < 2) return bases;
  const found = discoveryOrder(graph, dateOf, ours, theirs).filter((oid) => bases.includes(oid));
  return found.sort((a, b) => dateOf(b) - dateOf(a)).reverse();
}

/** The common ancestors as a walk finds them that goes from the newest commits down, and takes equally old ones as they came. */
function discoveryOrder(graph: CommitGraph, dateOf: (oid: Oid) => number, ours: Oid, theirs: Oid): Oid[] {
  const paints = new Map([
    [ours, OURS],
    [theirs, THEIRS],
  ]);
  const queue = [ours, theirs];
  const common = new Set<Oid>();
  while (queue.some((oid) => (paints.get(oid)! & BELOW_BASE) === 0)) {
    const oid = queue.reduce((newest, other) => (dateOf(other) > dateOf(newest) ? other : newest));
    queue.splice(queue.indexOf(oid), 1);
    let paint = paints.get(oid)!;
    if (paint === BOTH) {
      common.add(oid);
      paint |= BELOW_BASE;
    }
    for (const parent of graph.parents(oid)) {
      const before = paints.get(parent) ?? 0;
      if ((before | paint) === before) continue;
      paints.set(parent, before | paint);
      queue.push(parent);
    }
  }
  return [...common];
}
