import { isHandle } from '../../artifact/draft-handle.js';
import { parseArtifactPath } from '../../artifact/path.js';
import { contains } from '../../core/graph/merge-base.js';
import { mergeTrees } from '../../core/merge/merge-trees.js';
import { listFiles } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { Operation, Store } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { rewriteHandles } from '../artifacts/rewrite-handles.js';
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
    const numbers = numbersSince(store, to);
    const base = withNumbers(store, treeOf(store, to), numbers);
    const theirs = withNumbers(store, treeWithout(store, reversion), numbers);
    const merge = mergeTrees(store.objects, base, ours, theirs, { ...settings, labels });
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

/** The numbers that drafts of a commit got since, by handle. */
function numbersSince(store: Store, commit: Oid): ReadonlyMap<string, string> {
  const left = new Set(store.index.drafts().map(({ id }) => id));
  const numbers = new Map<string, string>();
  for (const { path } of listFiles(store.objects, treeOf(store, commit)!)) {
    const handle = parseArtifactPath(path)?.id;
    if (!handle || !isHandle(handle) || left.has(handle)) continue;
    const id = store.index.idOf(handle);
    if (id) numbers.set(handle, id);
  }
  return numbers;
}

/** `HEAD` has a draft under its number; by what they say alone, a merge takes one new artifact for another. */
function withNumbers(store: Store, tree: Oid | null, numbers: ReadonlyMap<string, string>): Oid | null {
  if (tree === null || numbers.size === 0) return tree;
  const edits = [...rewriteHandles(store, tree, (handle) => numbers.get(handle))].flatMap((file) => file.edits);
  return writeTree(store, tree, edits, 'any');
}

function newest(store: Store): number {
  return store.operations.list({ limit: 1 })[0]!.id;
}
