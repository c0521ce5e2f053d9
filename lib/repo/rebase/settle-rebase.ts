import { diffTrees } from '../../core/diff/diff-trees.js';
import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import type { MergeState, RebaseState, Store } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { isRerereOn, recordResolutions } from '../conflicts/rerere.js';
import { planTreeMove, recordMove, runCheckoutOf } from '../disk/base.js';
import { headCommit, treeOf } from '../history/head.js';
import { signatureOf } from '../history/move-head.js';
import { treeWith } from '../history/write-tree.js';
import { followMerge, keepBytes, leftAlone, mergeInProgress, stopForConflicts } from '../merge/merge-state.js';
import { restoreDisk, settledTree } from '../merge/settle-merge.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { type RebasedFurther, type ReplayMaker, replayMaker, replayOn } from './rebase.js';
import { remakeCommit } from './replay.js';

/** A rebase that waits at a commit for a person, or is done but for the disk. */
interface StoppedRebase extends MergeState {
  readonly ours: Oid;
  readonly rebase: RebaseState;
}

/**
 * Commits the step that a rebase stopped at, once every conflict is settled, and goes on.
 *
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`; `MERGE_UNRESOLVED`, naming the conflicts that are open; `REF_CHANGED`,
 *   `LOCAL_CHANGES`
 * @see git-rebase(1), `--continue`
 */
export async function continueRebase(repo: Repository): Promise<RebasedFurther> {
  const { store } = repo;
  const rerere = await isRerereOn(repo);
  return goOn(repo, 'rebase --continue', (state, from, { actor }) => {
    const tree = settledTree(store, state);
    if (rerere) recordResolutions(repo, state);
    return { to: remakeCommit(store.objects, state.ours, from, tree, signatureOf(repo, actor)), shown: tree };
  });
}

/**
 * Leaves out the commit that a rebase stopped at, and goes on. What the disk holds of it is kept in the store.
 *
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `REF_CHANGED`, `LOCAL_CHANGES`
 * @see git-rebase(1), `--skip`
 */
export async function skipCommit(repo: Repository): Promise<RebasedFurther> {
  return goOn(repo, 'rebase --skip', ({ conflicts, tree }) => {
    const onDisk = conflicts.map(({ path }) => keepBytes(repo, path));
    return { to: null, shown: treeWith(repo.store, tree, onDisk) };
  });
}

/**
 * Drops the rebase in progress and restores exactly what the disk held before it; refs have not moved yet.
 *
 * @returns the paths that were restored
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`
 * @see git-rebase(1), `--abort`
 */
export function abortRebase(repo: Repository): readonly string[] {
  return restoreDisk(repo, 'rebase --abort', () => {
    const state = rebaseInProgress(repo.store);
    if (state.theirs !== null) return state;
    throw new SyncError('MERGE_NOT_IN_PROGRESS', 'the rebase is done, and only files on disk have still to follow', {
      hint: "'agent sync rebase --continue' brings them along.",
    });
  });
}

/** What becomes of the commit that a rebase stopped at, and the tree that the disk shows then. */
type Settle = (
  state: StoppedRebase,
  commit: Oid,
  maker: ReplayMaker,
) => { readonly to: Oid | null; readonly shown: Oid };

function goOn(repo: Repository, command: string, settle: Settle): Promise<RebasedFurther> {
  return asSyncOperation(repo, command, async () => {
    const maker = await replayMaker(repo);
    return recordOperation(repo, command, () => goOnNow(repo, maker, settle));
  });
}

function goOnNow(repo: Repository, maker: ReplayMaker, settle: Settle): RebasedFurther {
  const { store } = repo;
  followMerge(repo);
  const result = store.transact(() => {
    const state = rebaseInProgress(store);
    const { ours, theirs, before, rebase } = state;
    if (theirs === null) return finished(store, state);
    if (headCommit(store) !== rebase.head) {
      throw new SyncError('REF_CHANGED', 'HEAD has moved since this rebase began', {
        hint: "Go back with 'agent sync rebase --abort' and rebase again.",
      });
    }
    const { to, shown: settled } = settle(state, theirs, maker);
    // What somebody edited before the disk could follow is not what the step made of it.
    const shown = treeWith(store, settled, leftAlone(state));
    const next = { ...rebase, done: [...rebase.done, { from: theirs, to }] };
    const { result, move, commit } = replayOn(
      repo,
      to ?? ours,
      { rebase: next, shown, before, hint: SET_ASIDE },
      maker,
    );
    if (result.status !== 'conflicted') {
      // The disk shows a step, which is no version of HEAD: until it has followed, nobody may take it for one.
      const done = { ...next, done: result.commits, todo: [] };
      const tree = treeOf(store, commit!)!;
      const end = {
        kind: 'rebase',
        ours: commit!,
        theirs: null,
        tree,
        message: '',
        conflicts: [],
        rebase: done,
      } as const;
      stopForConflicts(repo, end, move, before);
      recordMove(repo, move, commit!);
    }
    return result;
  });
  if (result.status === 'conflicted') followMerge(repo);
  else followFinished(repo);
  return result;
}

/** Nothing can be imported while a rebase waits. */
const SET_ASIDE =
  "Take a file that 'agent sync conflicts' lists with 'agent sync resolve'; move others out of '.agent/cache' until the rebase is done.";

/** Brings the disk to the end of a rebase that had stopped on the way; only then is it over. */
function followFinished(repo: Repository): void {
  const { store, worktree } = repo;
  const atEnd = () => {
    const state = store.merge.get();
    return state?.rebase && state.ours && !state.theirs ? { ...state, ours: state.ours } : undefined;
  };
  // The store is locked meanwhile: of two that go on at once, one does it.
  const base = store.transact(() => {
    const state = atEnd();
    if (!state) return undefined;
    const { ours, tree, unfollowed } = state;
    const from = treeWith(store, tree, unfollowed);
    const move = { from, plan: planTreeMove(store.objects, worktree, from, tree) };
    recordMove(repo, move, ours);
    return runCheckoutOf(repo, move, ours);
  });
  if (!base) return;
  // A base names only what is in the store.
  worktree.writeBase(base);
  store.transact(() => {
    if (atEnd()?.ours === base.commit) store.merge.clear();
  });
}

function finished(store: Store, { ours, tree, rebase }: StoppedRebase): RebasedFurther {
  const { head, done } = rebase;
  const changes = diffTrees(store.objects, treeOf(store, head), tree);
  return { status: 'rebased', from: head, to: ours, commits: done, changes };
}

function rebaseInProgress(store: Store): StoppedRebase {
  const state = mergeInProgress(store);
  const { ours, rebase } = state;
  if (ours && rebase) return { ...state, ours, rebase };
  throw new SyncError('MERGE_NOT_IN_PROGRESS', 'no rebase is in progress, but a merge is', {
    hint: "'agent sync merge --continue' finishes it, '--abort' goes back.",
  });
}
