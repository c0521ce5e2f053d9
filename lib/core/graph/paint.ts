import type { Oid } from '../object/oid.js';
import type { CommitGraph } from './commit-graph.js';

/** Bits that a walk passes from a commit to its parents. */
export type Paint = number;

/**
 * Walks history from painted commits towards the roots, handing every commit's paint on to its parents.
 *
 * A commit is visited once, after all its descendants in the walk, with the union of their paint. The walk ends when every
 * waiting commit is painted `done`: nothing below could tell anything new.
 *
 * @param start the commits to begin with and the paint each has
 * @param visit is told each commit with its final paint, and answers the paint for its parents
 */
export function paintDown(
  graph: CommitGraph,
  start: ReadonlyMap<Oid, Paint>,
  done: (paint: Paint) => boolean,
  visit: (oid: Oid, paint: Paint) => Paint,
): void {
  const paints = new Map(start);
  const queue = [...start.keys()].sort((a, b) => oldestFirst(graph, a, b));
  while (queue.some((oid) => !done(paints.get(oid)!))) {
    const oid = queue.pop()!;
    const passed = visit(oid, paints.get(oid)!);
    for (const parent of graph.parents(oid)) {
      const before = paints.get(parent);
      paints.set(parent, (before ?? 0) | passed);
      if (before === undefined) insert(graph, queue, parent);
    }
  }
}

/** Keeps the queue sorted, so that the youngest generation is taken from its end. */
function insert(graph: CommitGraph, queue: Oid[], oid: Oid): void {
  let at = queue.length;
  while (at > 0 && oldestFirst(graph, queue[at - 1]!, oid) > 0) at--;
  queue.splice(at, 0, oid);
}

function oldestFirst(graph: CommitGraph, a: Oid, b: Oid): number {
  return graph.generation(a) - graph.generation(b) || (a < b ? 1 : -1);
}
