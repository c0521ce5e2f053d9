import { type CommitGraph, commitGraph } from '../core/graph/commit-graph.js';
import type { Oid } from '../core/object/oid.js';
import { readCommit } from '../core/object/read.js';
import type { Store } from '../core/ports.js';

/** The graph of a store's commits, with the generations it remembers. */
export function graphOf(store: Store): CommitGraph {
  return commitGraph(store.objects, (oid) => store.index.generation(oid));
}

/** The commit that `HEAD` names; null on an unborn branch. */
export function headCommit(store: Store): Oid | null {
  return store.refs.get('HEAD') ?? null;
}

/** The tree of a commit; null for no commit. */
export function treeOf(store: Store, commit: Oid | null): Oid | null {
  return commit && readCommit(store.objects, commit).tree;
}
