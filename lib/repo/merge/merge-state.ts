import { SyncError } from '../../core/errors.js';
import type { Sides } from '../../core/merge/combine.js';
import { findPath } from '../../core/object/find-path.js';
import { readBlob } from '../../core/object/read.js';
import { isTree } from '../../core/object/tree.js';
import type { Conflict, ConflictAnswer, FileVersion, MergeState, PathBefore, Store } from '../../core/ports.js';
import type { WorktreeMove } from '../disk/base.js';
import { planCheckout, runCheckout } from '../disk/checkout.js';
import { hashOnDisk } from '../disk/disk.js';
import type { Repository } from '../repository.js';
import { countMerge } from './count-merge.js';

/**
 * Refuses what cannot be done while a merge waits for a person.
 *
 * @throws {SyncError} `MERGE_IN_PROGRESS`
 */
export function refuseDuringMerge(store: Store): void {
  const state = store.merge.get();
  if (!state) return;
  const open = state.conflicts.filter((conflict) => conflict.resolution === undefined).length;
  const [what, command] = state.rebase ? ['rebase', 'agent sync rebase'] : ['merge', 'agent sync merge'];
  throw new SyncError(
    'MERGE_IN_PROGRESS',
    `a ${what} is waiting to be finished; ${open} of ${state.conflicts.length} conflicts are open`,
    {
      hint: `'agent sync conflicts' lists them. Settle each with 'agent sync resolve', then run '${command} --continue'; or go back with '${command} --abort'.`,
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
export interface StoppedMerge extends Omit<MergeState, 'before' | 'unfollowed' | 'conflicts'> {
  readonly conflicts: readonly Conflict[];
}

const UNANSWERED: ConflictAnswer = { answers: [], partial: null, resolution: undefined };

/**
 * Keeps a stopped merge in the store, with what the disk holds wherever `move`, or settling a conflict, may change it.
 *
 * @param earlier what earlier steps of the same rebase found on disk
 */
export function stopForConflicts(
  repo: Repository,
  merge: StoppedMerge,
  { plan }: WorktreeMove,
  earlier: readonly PathBefore[] = [],
): void {
  if (merge.conflicts.length > 0) countMerge(repo, merge.conflicts.length);
  const changed = new Set([...plan.write, ...plan.remove].map(({ path }) => path));
  const touched = new Set([...changed, ...merge.conflicts.map(({ path }) => path)]);
  const known = new Set(earlier.map(({ path }) => path));
  repo.store.transact(() => {
    const onDisk = [...touched].map((path) => keepBytes(repo, path));
    const unfollowed = onDisk.filter(({ path }) => changed.has(path));
    repo.store.merge.set({
      ...merge,
      conflicts: merge.conflicts.map((conflict) => ({ ...conflict, ...UNANSWERED })),
      before: [...earlier, ...onDisk.filter(({ path }) => !known.has(path))],
      unfollowed,
    });
    repo.store.operations.recordDisk(
      unfollowed.map(({ path, oid }) => ({
        path,
        before: oid,
        after: mergedVersion(repo.store, merge, path)?.oid ?? null,
      })),
    );
  });
}

/**
 * Brings the disk to what the merge in progress has to show, wherever that has not been done since it stopped or was answered.
 *
 * The store is locked meanwhile: when two answer at once, what shows in the end is what the store says in the end.
 */
export function followMerge({ store, worktree }: Repository): void {
  store.transact(() => {
    const state = store.merge.get();
    if (!state || state.unfollowed.length === 0) return;
    const changes = state.unfollowed.map(({ path, oid }) => ({
      path,
      before: oid,
      after: shownVersion(store, state, path)?.oid ?? null,
    }));
    const plan = planCheckout(changes, (path) => hashOnDisk(worktree, path));
    store.merge.setFollowed(runCheckout(store.objects, worktree, plan));
  });
}

/** Where somebody edited a file before the disk could show the merge, and it is not in conflict: it descends from what was there. */
export function leftAlone({ unfollowed, conflicts }: MergeState): readonly PathBefore[] {
  const inConflict = new Set(conflicts.map(({ path }) => path));
  return unfollowed.filter(({ path }) => !inConflict.has(path));
}

/** What a path has on disk during a merge: what the merge made of it, with the answers so far; null for no file. */
export function shownVersion(store: Store, state: MergeState, path: string): FileVersion | null {
  const { partial = null, resolution } = state.conflicts.find((conflict) => conflict.path === path) ?? {};
  return resolution === undefined ? (partial ?? mergedVersion(store, state, path)) : resolution;
}

/** What the merge made of a path, markers included; null where it left no file. */
export function mergedVersion(
  { objects }: Store,
  { tree }: Pick<MergeState, 'tree'>,
  path: string,
): FileVersion | null {
  const found = findPath(objects, tree, path);
  return found && !isTree(found) ? found : null;
}

/** The bytes of a conflict's versions, empty where there is none. */
export function stagesOf({ objects }: Store, { base, ours, theirs }: Conflict): Sides<Uint8Array> {
  const bytes = (version: FileVersion | null) => (version ? readBlob(objects, version.oid) : new Uint8Array(0));
  return { base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) };
}

/** Stores what a path holds on disk, so that it can be brought back, and says what that was. */
export function keepBytes(repo: Repository, path: string): PathBefore {
  if (!repo.worktree.stat(path)) return { path, oid: null };
  return { path, oid: repo.store.objects.write({ type: 'blob', body: repo.worktree.read(path) }) };
}
