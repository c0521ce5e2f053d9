import { diffTrees, type TreeChange } from '../../core/diff/diff-trees.js';
import type { MergeMessage } from '../../core/merge/merge-message.js';
import { abbreviate } from '../../core/object/abbreviate.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { Actor, Conflict, PathBefore, RebaseState, ReplayedCommit } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { baseTree, planMove, type WorktreeMove } from '../disk/base.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { graphOf, headCommit, treeOf } from '../history/head.js';
import { moveHead, signatureOf } from '../history/move-head.js';
import { countMerge } from '../merge/count-merge.js';
import type { MergeOptions } from '../merge/merge.js';
import { type MergeSettings, readMergeSettings } from '../merge/merge-settings.js';
import { refuseDuringMerge, stopForConflicts } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { planRebase } from './plan-rebase.js';
import { replay } from './replay.js';

/** What a rebase did. */
export type RebaseResult = { readonly status: 'up-to-date'; readonly commit: Oid } | RebasedFurther;

/** How far a rebase came. */
export type RebasedFurther =
  | {
      readonly status: 'fast-forward' | 'rebased';
      readonly from: Oid | null;
      /** The new `HEAD`. */
      readonly to: Oid;
      /** What became of the commits that only `HEAD` had. */
      readonly commits: readonly ReplayedCommit[];
      /** What changed in `HEAD`'s tree. */
      readonly changes: readonly TreeChange[];
    }
  | {
      readonly status: 'conflicted';
      /** The commit that could not be replayed. */
      readonly commit: Oid;
      readonly commits: readonly ReplayedCommit[];
      /** The commits still to come. */
      readonly todo: readonly Oid[];
      readonly conflicts: readonly Conflict[];
      readonly messages: readonly MergeMessage[];
    };

/**
 * How to rebase; the rest is up to sync.yaml.
 *
 * As in git, `favor: 'ours'` means the side that commits are replayed onto. `sync.conflict` speaks of this store and the other
 * side, whichever way they are joined.
 */
export type RebaseOptions = Omit<MergeOptions, 'fastForward'>;

/**
 * Replays the commits that `upstream` lacks on top of it, parents first and without merges. On a conflict it stops and waits
 * in the store. `HEAD` moves once, when all is done; the disk follows at each stop and at the end.
 *
 * @throws {SyncError} as `mergeCommit`
 * @see git-rebase(1)
 */
export function rebase(repo: Repository, upstream: Oid, options: RebaseOptions): Promise<RebaseResult> {
  return asSyncOperation(repo, 'rebase', () => rebaseNow(repo, upstream, options));
}

async function rebaseNow(repo: Repository, upstream: Oid, options: RebaseOptions): Promise<RebaseResult> {
  const { store, worktree } = repo;
  const maker = await replayMaker(repo);
  const favor = favorIn(maker.settings, options);
  return takeStep(repo, 'rebase', (): Step<RebaseResult> => {
    refuseDuringMerge(store);
    const head = headCommit(store);
    const plan = planRebase(store.objects, graphOf(store), head, upstream, options);
    const shown = baseTree(store, worktree);
    if (plan.do === 'nothing') {
      // An earlier command may have been killed before the disk could follow.
      const move = planMove(repo, shown, treeOf(store, head)!);
      return { result: { status: 'up-to-date', commit: head! }, move, commit: head! };
    }
    if (plan.do === 'fast-forward') {
      const tree = treeOf(store, upstream)!;
      const move = planMove(repo, shown, tree, IMPORT_FIRST);
      moveHead(repo, head, upstream, maker.actor, `rebase ${options.label}: fast-forward`);
      const changes = diffTrees(store.objects, treeOf(store, head), tree);
      return {
        result: { status: 'fast-forward', from: head, to: upstream, commits: [], changes },
        move,
        commit: upstream,
      };
    }
    const done = plan.applied.map((from) => ({ from, to: null }));
    const rebase = { head: head!, onto: upstream, favor, done, todo: plan.todo };
    return replayOn(repo, upstream, { rebase, shown, before: [], hint: IMPORT_FIRST }, maker);
  });
}

/** A step of a rebase: with the new `HEAD` for a commit, or without one where it has stopped. */
export interface RebaseStep extends Step<RebasedFurther> {
  readonly move: WorktreeMove;
}

/** Who replays, and how. */
export interface ReplayMaker {
  readonly actor: Actor;
  readonly settings: MergeSettings;
}

/** @throws {SyncError} `IDENTITY_MISSING`, `CONFIG_INVALID` */
export async function replayMaker(repo: Repository): Promise<ReplayMaker> {
  return { actor: await currentActor(repo), settings: await readMergeSettings(repo) };
}

/** Where a rebase stands between two commits. */
export interface RebasePoint {
  readonly rebase: RebaseState;
  /** The tree that the disk shows. */
  readonly shown: Oid | null;
  /** What paths that earlier steps touched held on disk before the rebase. */
  readonly before: readonly PathBefore[];
  /** What to do about unimported work in the way. */
  readonly hint: string;
}

/**
 * Replays the commits that are to do; then moves `HEAD`, or leaves the rebase in the store where it stopped.
 *
 * Wants to be in a transaction.
 *
 * @param at the commit to replay them on
 * @throws {SyncError} `LOCAL_CHANGES`, `REF_CHANGED`
 */
export function replayOn(
  repo: Repository,
  at: Oid,
  { rebase, shown, before, hint }: RebasePoint,
  { actor, settings }: ReplayMaker,
): RebaseStep {
  const { store } = repo;
  const { head, done, stopped } = repo.telemetry.span('step', 'replay commits', {}, () =>
    replay(store.objects, at, rebase.todo, {
      settings: { ...settings, favor: rebase.favor ?? undefined },
      committer: signatureOf(repo, actor),
      abbreviate: (oid) => abbreviate(store.objects, oid),
    }),
  );
  const commits = [...rebase.done, ...done];
  if (!stopped) {
    countMerge(repo);
    const tree = treeOf(store, head)!;
    const move = planMove(repo, shown, tree, hint);
    moveHead(repo, rebase.head, head, actor, `rebase (finish): ${store.refs.head()} onto ${rebase.onto}`);
    const changes = diffTrees(store.objects, treeOf(store, rebase.head), tree);
    return { result: { status: 'rebased', from: rebase.head, to: head, commits, changes }, move, commit: head };
  }
  const { commit, tree, todo, conflicts, messages } = stopped;
  const move = planMove(repo, shown, tree, hint);
  const { message } = readCommit(store.objects, commit);
  const state = { ...rebase, done: commits, todo };
  const stop = { kind: 'rebase', ours: head, theirs: commit, tree, message, conflicts, rebase: state } as const;
  stopForConflicts(repo, stop, move, before);
  return { result: { status: 'conflicted', commit, commits, todo, conflicts, messages }, move };
}

const IMPORT_FIRST = "Run 'agent sync import' first, so that they take part.";

/** In a rebase the sides change places; who wins by sync.yaml does not. */
const SWAPPED = { ours: 'theirs', theirs: 'ours' } as const;

/** Whose lines win in a rebase: by the options, or by sync.yaml where they say nothing. */
export function favorIn({ favor }: MergeSettings, options: RebaseOptions): 'ours' | 'theirs' | null {
  return options.favor ?? (favor ? SWAPPED[favor] : null);
}
