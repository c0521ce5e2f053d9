import { type CommitGraph, commitGraph } from '../../core/graph/commit-graph.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { ObjectReader, Store } from '../../core/ports.js';

/**
 * The graph of a store's commits, with the generations it remembers.
 *
 * @param objects those of the store, or more
 */
export function graphOf(store: Store, objects: ObjectReader = store.objects): CommitGraph {
  return commitGraph(objects, (oid) => store.index.generation(oid));
}

/** The commit that `HEAD` names; null on an unborn branch. */
export function headCommit(store: Store): Oid | null {
  return store.refs.get('HEAD') ?? null;
}

/** The tree of a commit; null for no commit. */
export function treeOf(store: Store, commit: Oid | null): Oid | null {
  return commit && readCommit(store.objects, commit).tree;
}
