import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import type { MergeState, Store } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { isRerereOn, recordResolutions } from '../conflicts/rerere.js';
import { followHead, planMove, type WorktreeMove } from '../disk/base.js';
import { hashOnDisk } from '../disk/disk.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { headCommit } from '../history/head.js';
import { writeCommit } from '../history/move-head.js';
import { treeWith, writeTree } from '../history/write-tree.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { followMerge, keepBytes, leftAlone, mergeInProgress } from './merge-state.js';

/** What finishing a merge made. */
export interface FinishedMerge {
  readonly commit: Oid;
  readonly parents: readonly Oid[];
}

/**
 * Commits the merge in progress, once every conflict is settled.
 *
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`; `MERGE_UNRESOLVED`, naming the conflicts that are open; `REF_CHANGED`
 * @see git-merge(1), `--continue`
 */
export function continueMerge(repo: Repository): Promise<FinishedMerge> {
  return asSyncOperation(repo, 'merge --continue', () => commitMerge(repo));
}

async function commitMerge(repo: Repository): Promise<FinishedMerge> {
  const { store } = repo;
  const actor = await currentActor(repo);
  const rerere = await isRerereOn(repo);
  if (store.merge.get()) followMerge(repo);
  else followHead(repo);
  return takeStep(repo, 'merge --continue', (): Step<FinishedMerge> => {
    const state = mergeToSettle(store);
    const tree = settledTree(store, state);
    if (headCommit(store) !== state.ours) {
      throw new SyncError('REF_CHANGED', 'HEAD has moved since this merge began', {
        hint: "Go back with 'agent sync merge --abort' and merge again.",
      });
    }
    const parents = [state.ours, state.theirs].filter((oid) => oid !== null);
    // What a person then wrote over an answer descends from the answer, and no longer from the text with markers.
    const { plan } = planMove(repo, state.tree, tree);
    const left = leftAlone(state);
    const blocked = [...new Set([...plan.blocked, ...left.map(({ path }) => path)])];
    const move: WorktreeMove = { from: treeWith(store, tree, left), plan: { ...plan, blocked } };
    const commit = writeCommit(repo, { tree, parents, message: state.message, actor });
    if (rerere) recordResolutions(repo, state);
    store.merge.clear();
    return { result: { commit, parents }, move, commit };
  });
}

/**
 * Drops the merge in progress and restores exactly what the disk held before it.
 *
 * @returns the paths that were restored
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`
 * @see git-merge(1), `--abort`
 */
export function abortMerge(repo: Repository): readonly string[] {
  return restoreDisk(repo, 'merge --abort', () => mergeToSettle(repo.store));
}

/**
 * The tree that the answers to all conflicts make.
 *
 * @throws {SyncError} `MERGE_UNRESOLVED`, naming the conflicts that are open
 */
export function settledTree(store: Store, { conflicts, tree }: MergeState): Oid {
  const open = conflicts.filter(({ resolution }) => resolution === undefined);
  if (open.length > 0) {
    throw new SyncError(
      'MERGE_UNRESOLVED',
      `conflicts are still open:${open.map(({ path }) => `\n  ${path}`).join('')}`,
      {
        hint: "'agent sync conflicts' shows them; settle each with 'agent sync resolve'.",
      },
    );
  }
  const edits = conflicts.map(({ path, resolution }) => ({ path, version: resolution ?? null }));
  return writeTree(store, tree, edits);
}

/**
 * Brings back what the disk held before a merge began, and drops the merge.
 *
 * @param command as the log of operations is to call it
 * @returns the paths that were restored
 */
export function restoreDisk(repo: Repository, command: string, inProgress: () => MergeState): readonly string[] {
  const restore = () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const restored = keepAndRestore(repo, inProgress);
      if (restored) return restored;
    }
    throw new SyncError(
      'LOCAL_CHANGES',
      'files of the merge are being written again and again; it is still in progress',
      {
        hint: 'Find the program that writes them, then try again.',
      },
    );
  };
  return asSyncOperation(repo, command, () => recordOperation(repo, command, restore));
}

/** Somebody may write a file between the moment it was kept and the one it is replaced. */
const TRIES = 10;

/** @returns undefined when somebody wrote a file meanwhile */
function keepAndRestore(repo: Repository, inProgress: () => MergeState): readonly string[] | undefined {
  const { store, worktree } = repo;
  // What is on disk is in the store before any of it is replaced, also when the process is killed halfway.
  const kept = store.transact(() => {
    const changes = inProgress().before.map(({ path, oid }) => ({
      path,
      before: keepBytes(repo, path).oid,
      after: oid,
    }));
    store.operations.recordDisk(changes);
    return changes;
  });
  // The store is locked meanwhile, so that nobody answers a conflict of it; and the merge ends last, so that an abort that was
  // interrupted can be repeated.
  return store.transact(() => {
    inProgress();
    if (kept.some(({ path, before }) => (hashOnDisk(worktree, path) ?? null) !== before)) return undefined;
    for (const { path, after } of kept) if (after === null) worktree.remove(path);
    for (const { path, after } of kept) if (after !== null) worktree.write(path, readBlob(store.objects, after));
    store.merge.clear();
    return kept.map(({ path }) => path);
  });
}

function mergeToSettle(store: Store): MergeState {
  const state = mergeInProgress(store);
  if (!state.rebase) return state;
  throw new SyncError('MERGE_NOT_IN_PROGRESS', 'no merge is in progress, but a rebase is', {
    hint: "'agent sync rebase --continue' goes on, '--skip' leaves the commit out, '--abort' goes back.",
  });
}
