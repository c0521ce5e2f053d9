import type { Oid } from '../object/oid.js';
import type { CommitGraph } from './commit-graph.js';

/**
 * Orders commits so that children come before parents, and one line of history is told to its end before the next.
 *
 * Below a merge the last parent's line comes first, as in git.
 *
 * @param commits those below `tip` that are wanted, and `tip` itself
 * @see git-rev-list(1), `--topo-order`
 */
export function topoOrder(graph: CommitGraph, tip: Oid, commits: readonly Oid[]): Oid[] {
  const childrenLeft = new Map(commits.map((oid) => [oid, 0]));
  for (const oid of commits) {
    for (const parent of graph.parents(oid)) {
      const children = childrenLeft.get(parent);
      if (children !== undefined) childrenLeft.set(parent, children + 1);
    }
  }
  const ordered: Oid[] = [];
  const next = childrenLeft.has(tip) ? [tip] : [];
  for (let oid = next.pop(); oid !== undefined; oid = next.pop()) {
    ordered.push(oid);
    for (const parent of graph.parents(oid)) {
      const children = childrenLeft.get(parent);
      if (children === undefined) continue;
      childrenLeft.set(parent, children - 1);
      if (children === 1) next.push(parent);
    }
  }
  return ordered;
}
