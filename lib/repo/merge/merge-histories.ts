import { diffTrees, type TreeChange } from '../../core/diff/diff-trees.js';
import { SyncError } from '../../core/errors.js';
import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { mergeBases } from '../../core/graph/merge-base.js';
import { type MergeCommitsOptions, mergeCommits } from '../../core/merge/merge-commits.js';
import type { MergeMessage } from '../../core/merge/merge-message.js';
import { applyTreeEdits } from '../../core/object/edit-tree.js';
import type { Oid } from '../../core/object/oid.js';
import { OverlayObjects } from '../../core/object/overlay-objects.js';
import { readCommit } from '../../core/object/read.js';
import type { Conflict, IdentifiedObject, ObjectReader } from '../../core/ports.js';

/** What getting one history into another comes to. Nothing of it is stored yet. */
export type MergedHistories =
  | { readonly do: 'nothing' }
  | {
      readonly do: 'fast-forward' | 'merge';
      /** The best common ancestors. */
      readonly bases: readonly Oid[];
      /** The resulting tree, conflicted files with their markers. */
      readonly tree: Oid;
      /** The objects that the tree needs and the store lacks. */
      readonly objects: readonly IdentifiedObject[];
      /** What changes in our tree. */
      readonly changes: readonly TreeChange[];
      /** The paths where lines were merged, cleanly or not. */
      readonly merged: readonly string[];
      /** The verdict. A conflict about a folder leaves no path unmerged, and is told by its message only. */
      readonly clean: boolean;
      readonly conflicts: readonly Conflict[];
      /** What git tells about it. */
      readonly messages: readonly MergeMessage[];
    };

/** How to merge. */
export interface MergeHistoriesOptions extends Omit<MergeCommitsOptions, 'labels'> {
  /** What to call the other side in markers and messages, such as `origin/main`. */
  readonly label: string;
  /** Whether moving forward will do, must do, or will not; `allow` when left out. @see git-merge(1), `--ff` */
  readonly fastForward?: 'allow' | 'only' | 'never';
}

/**
 * Works out how `theirs` gets into `ours`: not at all, by moving forward, or by a merge.
 *
 * @throws {SyncError} `UNRELATED_HISTORIES` unless they are allowed, `FAST_FORWARD_IMPOSSIBLE` where nothing else would do
 * @see git-merge(1)
 */
export function mergeHistories(
  objects: ObjectReader,
  graph: CommitGraph,
  ours: Oid | null,
  theirs: Oid,
  { label, fastForward = 'allow', ...settings }: MergeHistoriesOptions,
): MergedHistories {
  const bases = ours === null ? [] : mergeBases(graph, ours, theirs);
  if (bases.includes(theirs)) return { do: 'nothing' };
  const treeOf = (commit: Oid | null | undefined) => (commit ? readCommit(objects, commit).tree : null);
  if (ours === null || (bases.includes(ours) && fastForward !== 'never')) {
    const tree = treeOf(theirs)!;
    const changes = diffTrees(objects, treeOf(ours), tree);
    const quiet = { objects: [], merged: [], clean: true, conflicts: [], messages: [] };
    return { do: 'fast-forward', bases, tree, changes, ...quiet };
  }
  if (fastForward === 'only') throw notForward(label);
  const labels = { ours: 'HEAD', theirs: label };
  const merge = mergeCommits(objects, graph, ours, theirs, { ...settings, labels });
  const edited = applyTreeEdits(objects, treeOf(ours), merge.edits);
  const made = [...merge.blobs, ...edited.objects];
  const changes = diffTrees(new OverlayObjects(objects, made), treeOf(ours), edited.tree);
  const { merged, clean, conflicts, messages } = merge;
  return { do: 'merge', bases, tree: edited.tree, objects: made, changes, merged, clean, conflicts, messages };
}

function notForward(label: string): SyncError {
  return new SyncError('FAST_FORWARD_IMPOSSIBLE', `HEAD has commits that ${label} lacks, and the other way round`, {
    hint: "Without '--ff-only' the two are merged; with '--rebase' your commits are replayed.",
  });
}
