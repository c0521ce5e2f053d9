import { contains } from '../../core/graph/merge-base.js';
import { mergeTrees } from '../../core/merge/merge-trees.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { Operation, Store } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { baseTree, planMove } from '../disk/base.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { graphOf, headCommit, treeOf } from '../history/head.js';
import { writeCommit } from '../history/move-head.js';
import { writeObjects, writeTree } from '../history/write-tree.js';
import { readMergeSettings } from '../merge/merge-settings.js';
import { refuseDuringMerge, stopForConflicts } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import type { Reversion } from './plan-undo.js';
import type { UndoResult } from './undo.js';

/**
 * Commits what takes an operation back: a three-way merge of `HEAD` with the tree before the operation, from the one after it.
 *
 * What it brought from the origin stays: that is the work of others, and all have it.
 *
 * @throws {SyncError} `MERGE_IN_PROGRESS`, `LOCAL_CHANGES`, `IDENTITY_MISSING`, `CONFIG_INVALID`
 * @see git-revert(1)
 */
export async function revertOperation(
  repo: Repository,
  operation: Operation,
  reversion: Reversion,
): Promise<UndoResult> {
  const { store } = repo;
  const actor = await currentActor(repo);
  const { favor: _, ...settings } = await readMergeSettings(repo);
  const { id, command } = operation;
  const { reason, to } = reversion;
  return takeStep(repo, `undo ${id}`, (): Step<UndoResult> => {
    refuseDuringMerge(store);
    const head = headCommit(store)!;
    const ours = treeOf(store, head)!;
    const labels = { ours: 'HEAD', base: `operation ${id}`, theirs: `before operation ${id}` };
    const theirs = treeWithout(store, reversion);
    const merge = mergeTrees(store.objects, treeOf(store, to), ours, theirs, { ...settings, labels });
    writeObjects(store, merge.blobs);
    const tree = writeTree(store, ours, merge.edits);
    if (merge.clean && tree === ours) {
      store.operations.recordUndo(id);
      return { result: { status: 'nothing-to-revert', operation, by: newest(store), reason } };
    }
    const move = planMove(
      repo,
      baseTree(store, repo.worktree),
      tree,
      "Run 'agent sync import' first, so that they are kept.",
    );
    const message = `Undo '${command}' (operation ${id})`;
    if (!merge.clean) {
      const { conflicts } = merge;
      stopForConflicts(repo, { kind: 'revert', ours: head, theirs: null, tree, message, conflicts }, move);
      return { result: { status: 'conflicted', operation, reason, conflicts }, move };
    }
    const commit = writeCommit(repo, { tree, parents: [head], message, actor });
    store.operations.recordUndo(id);
    return { result: { status: 'reverted', operation, by: newest(store), reason, commit }, move, commit };
  });
}

/**
 * The tree that there would be without what an operation made itself.
 *
 * What it fetched or merged stays, and so does what a rebase replayed.
 */
function treeWithout(store: Store, { from, to, origin }: Reversion): Oid | null {
  const graph = graphOf(store);
  const had = (commit: Oid) => from !== null && contains(graph, from, commit);
  if (!origin || had(origin) || !contains(graph, to, origin)) return treeOf(store, from);
  if (from === null || contains(graph, origin, from)) return treeOf(store, origin);
  for (let commit: Oid | undefined = to; commit && !had(commit) && !contains(graph, origin, commit); ) {
    const { parents, tree }: { parents: readonly Oid[]; tree: Oid } = readCommit(store.objects, commit);
    if (parents.length > 1) return tree;
    commit = parents[0];
  }
  return treeOf(store, to);
}

function newest(store: Store): number {
  return store.operations.list({ limit: 1 })[0]!.id;
}
