import { SyncError } from '../core/errors.js';
import type { Sides } from '../core/merge/combine.js';
import { findPath } from '../core/object/find-path.js';
import { readBlob } from '../core/object/read.js';
import { isTree } from '../core/object/tree.js';
import type {
  Conflict,
  ConflictAnswer,
  FileVersion,
  MergeState,
  PathBefore,
  PendingConflict,
  Store,
} from '../core/ports.js';
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
      hint: "'agent sync conflicts' lists them. Settle each with 'agent sync resolve', then run 'agent sync merge --continue'; or go back with 'agent sync merge --abort'.",
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

const UNANSWERED: ConflictAnswer = { answers: [], partial: null, resolution: undefined, replaced: null };

/** Keeps a stopped merge in the store, with what the disk holds wherever `move`, or settling a conflict, may change it. */
export function stopForConflicts(repo: Repository, merge: StoppedMerge, { plan }: WorktreeMove): void {
  const touched = new Set([...plan.write, ...plan.remove, ...merge.conflicts].map(({ path }) => path));
  repo.store.transact(() => {
    repo.store.merge.set({
      ...merge,
      conflicts: merge.conflicts.map((conflict) => ({ ...conflict, ...UNANSWERED })),
      before: [...touched].map((path) => keepBytes(repo, path)),
    });
  });
}

/**
 * Brings the disk to what the merge in progress has to show, should nobody have done so since it stopped or was answered.
 *
 * It looks again at what the store says while it writes, so that of two that answer at once the last one shows.
 *
 * @param paths all that the merge touches when left out
 */
export function followMerge(repo: Repository, paths?: readonly string[]): void {
  const { store, worktree } = repo;
  store.transact(() => {
    const state = store.merge.get();
    if (!state) return;
    const conflicts = new Map(state.conflicts.map((conflict) => [conflict.path, conflict]));
    const changes = state.before
      .filter(({ path }) => paths?.includes(path) ?? true)
      .map(({ path, oid }) => {
        const conflict = conflicts.get(path);
        const shown = conflict ? shownVersion(store, state, conflict) : mergedVersion(store, state, path);
        return { path, before: conflict && isAnswered(conflict) ? conflict.replaced : oid, after: shown?.oid ?? null };
      });
    runCheckout(
      store.objects,
      worktree,
      planCheckout(changes, (path) => hashOnDisk(worktree, path)),
    );
  });
}

/** What a conflict has on disk: the merged text, with the answers so far. */
export function shownVersion(store: Store, state: MergeState, conflict: PendingConflict): FileVersion | null {
  const { path, partial, resolution } = conflict;
  return resolution === undefined ? (partial ?? mergedVersion(store, state, path)) : resolution;
}

/** What the merge made of a path, markers included; null where it left no file. */
export function mergedVersion({ objects }: Store, { tree }: MergeState, path: string): FileVersion | null {
  const found = findPath(objects, tree, path);
  return found && !isTree(found) ? found : null;
}

/** The bytes of a conflict's versions, empty where there is none. */
export function stagesOf({ objects }: Store, { base, ours, theirs }: Conflict): Sides<Uint8Array> {
  const bytes = (version: FileVersion | null) => (version ? readBlob(objects, version.oid) : new Uint8Array(0));
  return { base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) };
}

function isAnswered({ partial, resolution }: PendingConflict): boolean {
  return partial !== null || resolution !== undefined;
}

/** Stores what a path holds on disk, so that it can be brought back, and says what that was. */
export function keepBytes(repo: Repository, path: string): PathBefore {
  if (!repo.worktree.stat(path)) return { path, oid: null };
  return { path, oid: repo.store.objects.write({ type: 'blob', body: repo.worktree.read(path) }) };
}
