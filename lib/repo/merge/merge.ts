import type { TreeChange } from '../../core/diff/diff-trees.js';
import type { MergeMessage } from '../../core/merge/merge-message.js';
import { abbreviate } from '../../core/object/abbreviate.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { Conflict } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { hasOnlyDrafts } from '../artifacts/number-drafts.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { baseTree, planMove } from '../disk/base.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { graphOf, headCommit } from '../history/head.js';
import { moveHead, writeCommit } from '../history/move-head.js';
import { writeObjects } from '../history/write-tree.js';
import type { Repository } from '../repository.js';
import { countMerge } from './count-merge.js';
import { type MergeHistoriesOptions, mergeHistories } from './merge-histories.js';
import { readMergeSettings } from './merge-settings.js';
import { refuseDuringMerge, stopForConflicts } from './merge-state.js';

/** What a merge did. */
export type MergeResult =
  | { readonly status: 'up-to-date'; readonly commit: Oid }
  | {
      readonly status: 'fast-forward' | 'merged';
      readonly from: Oid | null;
      /** The new `HEAD`. */
      readonly to: Oid;
      /** What changed in `HEAD`'s tree. */
      readonly changes: readonly TreeChange[];
    }
  | {
      readonly status: 'conflicted';
      readonly conflicts: readonly Conflict[];
      readonly changes: readonly TreeChange[];
      /** What git tells about the merge. */
      readonly messages: readonly MergeMessage[];
    };

/** How to merge; the rest is up to sync.yaml. */
export interface MergeOptions extends Pick<MergeHistoriesOptions, 'label' | 'allowUnrelated' | 'fastForward'> {
  /** Whose lines win where both sides changed them; what `sync.conflict` says when left out. */
  readonly favor?: 'ours' | 'theirs';
}

/**
 * Merges a commit into `HEAD` and brings the disk along; on a conflict the merge stops and waits in the store.
 *
 * @throws {SyncError} `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `UNRELATED_HISTORIES`, `FAST_FORWARD_IMPOSSIBLE`, `REF_CHANGED`,
 *   `BASE_UNKNOWN`, `CONFIG_INVALID`
 * @see git-merge(1)
 */
export function mergeCommit(repo: Repository, theirs: Oid, options: MergeOptions): Promise<MergeResult> {
  return asSyncOperation(repo, 'merge', () => mergeNow(repo, theirs, options));
}

async function mergeNow(repo: Repository, theirs: Oid, options: MergeOptions): Promise<MergeResult> {
  const { store, worktree } = repo;
  const actor = await currentActor(repo);
  const settings = await mergeOptions(repo, options);
  const { label } = options;
  const moveTo = (tree: Oid, hint?: string) => planMove(repo, baseTree(store, worktree), tree, hint);

  return takeStep(repo, 'merge', (): Step<MergeResult> => {
    refuseDuringMerge(store);
    const ours = headCommit(store);
    const outcome = repo.telemetry.span('step', 'merge trees', {}, () =>
      mergeHistories(store.objects, graphOf(store), ours, theirs, settings),
    );
    if (outcome.do === 'nothing') {
      // An earlier command may have been killed before the disk could follow.
      const move = moveTo(readCommit(store.objects, ours!).tree);
      return { result: { status: 'up-to-date', commit: ours! }, move, commit: ours! };
    }
    const { tree, changes, conflicts, messages } = outcome;
    writeObjects(store, outcome.objects);
    const move = moveTo(tree, "Run 'agent sync import' first, so that they take part.");
    const message = `Merge ${label}`;
    if (!outcome.clean) {
      stopForConflicts(repo, { kind: 'pull', ours, theirs, tree, message, conflicts }, move);
      return { result: { status: 'conflicted', conflicts, changes, messages }, move };
    }
    if (outcome.do === 'fast-forward') {
      moveHead(repo, ours, theirs, actor, `merge ${label}: fast-forward`);
      return { result: { status: 'fast-forward', from: ours, to: theirs, changes }, move, commit: theirs };
    }
    countMerge(repo);
    const to = writeCommit(repo, { tree, parents: [ours!, theirs], message, actor });
    return { result: { status: 'merged', from: ours, to, changes }, move, commit: to };
  });
}

/**
 * What a merge goes by: the options, and sync.yaml where they say nothing.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function mergeOptions(repo: Repository, options: MergeOptions): Promise<MergeHistoriesOptions> {
  const settings = await readMergeSettings(repo);
  const favor = options.favor ?? settings.favor;
  // Whoever made drafts before they ever reached the origin has a history of their own, by nobody's fault.
  const allowUnrelated = options.allowUnrelated || hasOnlyDrafts(repo);
  return { ...settings, ...options, favor, allowUnrelated, abbreviate: (oid) => abbreviate(repo.store.objects, oid) };
}
