import type { Oid } from '../object/oid.js';
import { readCommit, readTree, references } from '../object/read.js';
import { isTree } from '../object/tree.js';
import type { ObjectReader, ObjectType } from '../ports.js';
import type { CommitGraph } from './commit-graph.js';
import { revWalk } from './rev-walk.js';

/** The name of an object whose body has not been read. */
export interface ObjectName {
  readonly oid: Oid;
  readonly type: ObjectType;
}

/**
 * Names the objects that `tip` needs and the `known` tips do not have, each after the objects that it names itself.
 *
 * A tree is compared with the trees of its commit's parents, so the cost is near the size of the changes. Blobs are named
 * without being looked up: whether they are there is for the caller to ask.
 *
 * @param checkTree is asked of each new commit's tree before it is walked through
 * @returns blobs before their trees, trees before their commits, parents before children
 * @throws {SyncError} `OBJECT_NOT_FOUND` when a commit or tree is missing; what `checkTree` throws
 */
export function* newObjects(
  objects: ObjectReader,
  graph: CommitGraph,
  tip: Oid,
  known: readonly Oid[],
  checkTree?: (tree: Oid) => void,
): Generator<ObjectName> {
  const named = new Map<Oid, ObjectType>();
  for (const oid of revWalk(graph, [tip], known).reverse()) {
    const commit = readCommit(objects, oid);
    checkTree?.(commit.tree);
    const parentTrees = commit.parents.map((parent) => readCommit(objects, parent).tree);
    yield* newInTree(objects, commit.tree, parentTrees, named);
    yield { oid, type: 'commit' };
  }
}

/** The objects of a tree that none of the `others` has at the same place, children first. */
function* newInTree(
  objects: ObjectReader,
  tree: Oid,
  others: readonly Oid[],
  named: Map<Oid, ObjectType>,
): Generator<ObjectName> {
  if (named.get(tree) === 'tree' || others.includes(tree)) return;
  named.set(tree, 'tree');
  const otherEntries = others.map((other) => new Map(readTree(objects, other).map((entry) => [entry.name, entry])));
  for (const entry of readTree(objects, tree)) {
    const type = isTree(entry) ? 'tree' : 'blob';
    // What was named as another type is named again: it cannot be both, and whoever looks finds that.
    if (entry.mode === '160000' || named.get(entry.oid) === type) continue;
    const counterparts = otherEntries.flatMap((entries) => entries.get(entry.name) ?? []);
    if (counterparts.some((other) => other.oid === entry.oid && isTree(other) === isTree(entry))) continue;
    if (isTree(entry)) {
      const otherTrees = counterparts.filter(isTree).map((other) => other.oid);
      yield* newInTree(objects, entry.oid, otherTrees, named);
    } else {
      named.set(entry.oid, 'blob');
      yield { oid: entry.oid, type: 'blob' };
    }
  }
  yield { oid: tree, type: 'tree' };
}

/** An object that another names and the store does not have. */
export interface BrokenLink {
  readonly from: Oid;
  readonly to: ObjectName;
}

/**
 * Walks everything reachable from `tips` and finds what is missing.
 *
 * @throws {SyncError} `OBJECT_MALFORMED` for an object that does not parse
 */
export function* brokenLinks(objects: ObjectReader, tips: readonly Oid[]): Generator<BrokenLink> {
  const seen = new Set<Oid>(tips);
  const pending = [...tips];
  for (let from = pending.pop(); from !== undefined; from = pending.pop()) {
    for (const to of references(objects.read(from))) {
      if (seen.has(to.oid)) continue;
      seen.add(to.oid);
      if (!objects.has(to.oid)) yield { from, to };
      else if (to.type !== 'blob') pending.push(to.oid);
    }
  }
}
