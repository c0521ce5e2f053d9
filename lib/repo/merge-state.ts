import { SyncError } from '../core/errors.js';
import { findPath } from '../core/object/find-path.js';
import { isTree } from '../core/object/tree.js';
import type { Conflict, MergeState, PathBefore, Store } from '../core/ports.js';
import type { WorktreeMove } from './base.js';
import { planCheckout, runCheckout } from './checkout.js';
import { hashOnDisk } from './disk.js';
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

/** Keeps a stopped merge in the store, with what the disk holds wherever `move`, or settling a conflict, may change it. */
export function stopForConflicts(repo: Repository, merge: StoppedMerge, { plan }: WorktreeMove): void {
  const touched = new Set([...plan.write, ...plan.remove, ...merge.conflicts].map(({ path }) => path));
  repo.store.transact(() => {
    repo.store.merge.set({
      ...merge,
      conflicts: merge.conflicts.map((conflict) => ({ ...conflict, resolution: undefined })),
      before: [...touched].map((path) => keepBytes(repo, path)),
    });
  });
}

/** Brings the disk to what a stopped merge has to show, should the process that stopped it have been killed before. */
export function resumeCheckout(repo: Repository, { before, tree, conflicts }: MergeState): void {
  const { objects } = repo.store;
  const settled = new Set(conflicts.filter(({ resolution }) => resolution !== undefined).map(({ path }) => path));
  const shown = (path: string) => {
    const found = findPath(objects, tree, path);
    return found && !isTree(found) ? found.oid : null;
  };
  const changes = before
    .filter(({ path }) => !settled.has(path))
    .map(({ path, oid }) => ({ path, before: oid, after: shown(path) }));
  runCheckout(
    objects,
    repo.worktree,
    planCheckout(changes, (path) => hashOnDisk(repo.worktree, path)),
  );
}

/** Stores what a path holds on disk, so that it can be brought back, and says what that was. */
export function keepBytes(repo: Repository, path: string): PathBefore {
  if (!repo.worktree.stat(path)) return { path, oid: null };
  return { path, oid: repo.store.objects.write({ type: 'blob', body: repo.worktree.read(path) }) };
}
