import { SyncError } from '../core/errors.js';
import { hashObject } from '../core/object/oid.js';
import type { Conflict, MergeState, PathBefore, Store } from '../core/ports.js';
import type { WorktreeMove } from './base.js';
import type { Repository } from './repository.js';

/**
 * Refuses what cannot be done while a merge waits for a person.
 *
 * @throws {SyncError} `MERGE_IN_PROGRESS`
 */
export function refuseDuringMerge(store: Store): void {
  const state = store.merge.get();
  if (!state) return;
  const open = state.conflicts.filter((conflict) => conflict.resolution === undefined).length;
  throw new SyncError(
    'MERGE_IN_PROGRESS',
    `a merge is waiting to be finished; ${open} of ${state.conflicts.length} conflicts are open`,
    {
      hint: "'agent sync status' lists them. Settle each with 'agent sync resolve', then run 'agent sync merge --continue'; or go back with 'agent sync merge --abort'.",
    },
  );
}

/**
 * The merge in progress.
 *
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`
 */
export function mergeInProgress(store: Store): MergeState {
  const state = store.merge.get();
  if (!state)
    throw new SyncError('MERGE_NOT_IN_PROGRESS', 'no merge is in progress', {
      hint: 'There is nothing to settle, continue or abort.',
    });
  return state;
}

/** A merge as it stands when it stops. */
export interface StoppedMerge extends Omit<MergeState, 'before' | 'conflicts'> {
  readonly conflicts: readonly Conflict[];
}

/** Keeps a stopped merge in the store, with what the disk holds at the paths that `move` is about to change. */
export function stopForConflicts(repo: Repository, merge: StoppedMerge, { plan }: WorktreeMove): void {
  const touched = [...plan.write.map(({ path }) => path), ...plan.remove];
  repo.store.transact(() => {
    repo.store.merge.set({
      ...merge,
      conflicts: merge.conflicts.map((conflict) => ({ ...conflict, resolution: undefined })),
      before: touched.map((path) => keepBytes(repo, path)),
    });
  });
}

/** Stores what a path holds on disk, so that it can be brought back, and says what that was. */
export function keepBytes(repo: Repository, path: string): PathBefore {
  if (!repo.worktree.stat(path)) return { path, oid: null };
  const body = repo.worktree.read(path);
  const object = { type: 'blob', oid: hashObject('blob', body), body } as const;
  repo.store.objects.write(object);
  return { path, oid: object.oid };
}
