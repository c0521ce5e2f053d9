import { SyncError } from '../errors.js';
import type { CommitGraph } from '../graph/commit-graph.js';
import type { Oid } from '../object/oid.js';
import type { ObjectReader } from '../ports.js';
import type { MergedTrees, MergeTreesOptions } from './merge-trees.js';
import { mergeTrees } from './merge-trees.js';
import { VirtualHistory } from './virtual-base.js';

/** How commits are merged; what is left out is as in git. */
export interface MergeCommitsOptions extends Omit<MergeTreesOptions, 'labels' | 'depth'> {
  /** What the sides are called in markers and messages. */
  readonly labels: { readonly ours: string; readonly theirs: string };
  /** Whether commits without a common ancestor may be merged, as if both had come of an empty tree. */
  readonly allowUnrelated?: boolean;
  /** The short name of a commit, for markers that show its version; its first seven digits when left out. */
  readonly abbreviate?: (oid: Oid) => string;
}

/** What a merge of commits comes to, and the common ancestors that it went by. */
export interface MergedCommits extends MergedTrees {
  /** In the order in which git merges them into one; none for unrelated histories. */
  readonly bases: readonly Oid[];
}

/**
 * Merges two commits as `git merge` does, never short-cutting to a fast-forward: whether one contains the other is for the
 * caller to ask. Several common ancestors are merged into one first, in memory.
 *
 * @throws {SyncError} `UNRELATED_HISTORIES` unless they are allowed; `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 * @see git-merge(1), git-merge-tree(1)
 */
export function mergeCommits(
  objects: ObjectReader,
  graph: CommitGraph,
  ours: Oid,
  theirs: Oid,
  options: MergeCommitsOptions,
): MergedCommits {
  const { labels, allowUnrelated = false } = options;
  const history = new VirtualHistory(objects, graph, options);
  const base = history.baseOf(ours, theirs);
  if (base.tree === null && !allowUnrelated) {
    throw new SyncError('UNRELATED_HISTORIES', `${labels.ours} and ${labels.theirs} have no commit in common`, {
      hint: "If both began with an import of the same files, '--allow-unrelated-histories' merges them.",
    });
  }
  const [our, their] = [history.treeOf(ours), history.treeOf(theirs)];
  const merged = mergeTrees(history.objects, base.tree, our, their, {
    ...options,
    labels: { ...labels, base: base.label },
  });
  return { ...merged, bases: base.commits };
}
