import { SyncError } from '../core/errors.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import type { MergeState, Store } from '../core/ports.js';
import { currentActor } from './actor.js';
import { followHead, planMove, type WorktreeMove } from './base.js';
import { headCommit } from './head.js';
import { followMerge, keepBytes, mergeInProgress } from './merge-state.js';
import { writeCommit } from './move-head.js';
import { recordOperation } from './operation.js';
import type { Repository } from './repository.js';
import { isRerereOn, recordResolutions } from './rerere.js';
import { type Step, takeStep } from './take-step.js';
import { writeTree } from './write-tree.js';

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
export async function continueMerge(repo: Repository): Promise<FinishedMerge> {
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
    const move: WorktreeMove = { ...planMove(repo, state.tree, tree), from: tree };
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
  const { store, worktree } = repo;
  return recordOperation(repo, command, () => {
    const before = store.transact(() => {
      const state = inProgress();
      const onDisk = new Map(state.before.map(({ path }) => [path, keepBytes(repo, path).oid]));
      store.operations.recordDisk(
        state.before.map(({ path, oid }) => ({ path, before: onDisk.get(path) ?? null, after: oid })),
      );
      return state.before;
    });
    for (const { path, oid } of before) if (oid === null) worktree.remove(path);
    for (const { path, oid } of before) if (oid !== null) worktree.write(path, readBlob(store.objects, oid));
    // Last, so that an abort that was interrupted can be repeated.
    store.merge.clear();
    return before.map(({ path }) => path);
  });
}

function mergeToSettle(store: Store): MergeState {
  const state = mergeInProgress(store);
  if (!state.rebase) return state;
  throw new SyncError('MERGE_NOT_IN_PROGRESS', 'no merge is in progress, but a rebase is', {
    hint: "'agent sync rebase --continue' goes on, '--skip' leaves the commit out, '--abort' goes back.",
  });
}
