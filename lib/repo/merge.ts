import { diffTrees, type TreeChange } from '../core/diff/diff-trees.js';
import { SyncError } from '../core/errors.js';
import type { CommitGraph } from '../core/graph/commit-graph.js';
import { mergeBases } from '../core/graph/merge-base.js';
import { mergeTrees } from '../core/merge/merge-trees.js';
import { applyTreeEdits } from '../core/object/edit-tree.js';
import { findPath } from '../core/object/find-path.js';
import type { Oid } from '../core/object/oid.js';
import { readCommit } from '../core/object/read.js';
import type { Conflict, IdentifiedObject, ObjectReader } from '../core/ports.js';
import { currentActor } from './actor.js';
import { baseTree, planMove, runMove, type WorktreeMove } from './base.js';
import { runCheckout } from './checkout.js';
import { graphOf, headCommit } from './head.js';
import { refuseDuringMerge, stopForConflicts } from './merge-state.js';
import { moveHead, writeCommit } from './move-head.js';
import type { Repository } from './repository.js';
import { writeObjects } from './write-tree.js';

/** What merging one commit into another comes to. Nothing of it is stored yet. */
export type MergePlan =
  | { readonly do: 'nothing' }
  | {
      readonly do: 'fast-forward' | 'merge';
      /** The resulting tree, conflicted files with their markers. */
      readonly tree: Oid;
      /** The objects that the tree needs and the store lacks. */
      readonly objects: readonly IdentifiedObject[];
      /** What changes in our tree. */
      readonly changes: readonly TreeChange[];
      readonly conflicts: readonly Conflict[];
    };

/** What a merge did, or would do. */
export type MergeResult =
  | { readonly status: 'up-to-date'; readonly commit: Oid }
  | {
      readonly status: 'fast-forward' | 'merged';
      readonly from: Oid | null;
      /** The new `HEAD`; null for a merge that was only tried. */
      readonly to: Oid | null;
      /** What changes in `HEAD`'s tree. */
      readonly changes: readonly TreeChange[];
    }
  | { readonly status: 'conflicted'; readonly conflicts: readonly Conflict[]; readonly changes: readonly TreeChange[] };

/** How to merge. */
export interface MergeOptions {
  /** What to call the other side in markers and messages, such as `origin/main`. */
  readonly label: string;
  readonly allowUnrelated?: boolean;
  /** Work the outcome out and write nothing. */
  readonly dryRun?: boolean;
}

/**
 * Works out how `theirs` gets into `ours`: not at all, by moving forward, or by a merge.
 *
 * @throws {SyncError} `UNRELATED_HISTORIES` unless they are allowed
 * @see git-merge(1)
 */
export function planMerge(
  objects: ObjectReader,
  graph: CommitGraph,
  ours: Oid | null,
  theirs: Oid,
  { label, allowUnrelated = false }: MergeOptions,
): MergePlan {
  const bases = ours === null ? [] : mergeBases(graph, ours, theirs);
  if (bases.includes(theirs)) return { do: 'nothing' };
  const treeOf = (commit: Oid | null | undefined) => (commit ? readCommit(objects, commit).tree : null);
  if (ours === null || bases.includes(ours)) {
    const tree = treeOf(theirs)!;
    return { do: 'fast-forward', tree, objects: [], changes: diffTrees(objects, treeOf(ours), tree), conflicts: [] };
  }
  const base = bases[0];
  if (!base && !allowUnrelated) {
    throw new SyncError('UNRELATED_HISTORIES', `HEAD and ${label} have no commit in common`, {
      hint: "If both began with an import of the same files, '--allow-unrelated-histories' merges them.",
    });
  }
  const labels = { ours: 'HEAD', base: base?.slice(0, 7) ?? 'empty tree', theirs: label };
  const merge = mergeTrees(objects, treeOf(base), treeOf(ours), treeOf(theirs), { labels });
  const edited = applyTreeEdits(objects, treeOf(ours), merge.edits);
  const changes = merge.edits.map(({ path, version }) => ({
    path,
    before: findPath(objects, treeOf(ours)!, path) ?? null,
    after: version,
  }));
  const made = [...merge.blobs, ...edited.objects];
  return { do: 'merge', tree: edited.tree, objects: made, changes, conflicts: merge.conflicts };
}

/**
 * Merges a commit into `HEAD` and brings the disk along; on a conflict the merge stops and waits in the store.
 *
 * @throws {SyncError} `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `UNRELATED_HISTORIES`, `REF_CHANGED`, `BASE_UNKNOWN`
 */
export async function mergeCommit(repo: Repository, theirs: Oid, options: MergeOptions): Promise<MergeResult> {
  const { store, worktree } = repo;
  const actor = await currentActor(repo);
  const { label } = options;
  const moveTo = (tree: Oid, hint?: string) => planMove(repo, baseTree(store, worktree), tree, hint);

  // The disk follows only once the store has committed: a crash in between leaves the old files with their old base.
  const { result, move, commit } = store.transact((): { result: MergeResult; move?: WorktreeMove; commit?: Oid } => {
    refuseDuringMerge(store);
    const ours = headCommit(store);
    const plan = planMerge(store.objects, graphOf(store), ours, theirs, options);
    if (plan.do === 'nothing') {
      const result = { status: 'up-to-date', commit: ours! } as const;
      // An earlier command may have been killed before the disk could follow.
      return options.dryRun
        ? { result }
        : { result, move: moveTo(readCommit(store.objects, ours!).tree), commit: ours! };
    }
    const { tree, changes, conflicts } = plan;
    if (options.dryRun) return { result: tried(plan, ours, theirs) };

    writeObjects(store, plan.objects);
    const move = moveTo(tree, "Run 'agent sync import' first, so that they take part.");
    const message = `Merge ${label}`;
    if (conflicts.length > 0) {
      stopForConflicts(repo, { kind: 'pull', ours, theirs, tree, message, conflicts }, move);
      return { result: { status: 'conflicted', conflicts, changes }, move };
    }
    if (plan.do === 'fast-forward') {
      moveHead(repo, ours, theirs, actor, `merge ${label}: fast-forward`);
      return { result: { status: 'fast-forward', from: ours, to: theirs, changes }, move, commit: theirs };
    }
    const to = writeCommit(repo, { tree, parents: [ours!, theirs], message, actor });
    return { result: { status: 'merged', from: ours, to, changes }, move, commit: to };
  });

  if (move && commit) runMove(repo, move, commit);
  else if (move) runCheckout(store.objects, worktree, move.plan);
  return result;
}

function tried(plan: Exclude<MergePlan, { do: 'nothing' }>, ours: Oid | null, theirs: Oid): MergeResult {
  const { changes, conflicts } = plan;
  if (conflicts.length > 0) return { status: 'conflicted', conflicts, changes };
  if (plan.do === 'fast-forward') return { status: 'fast-forward', from: ours, to: theirs, changes };
  return { status: 'merged', from: ours, to: null, changes };
}
