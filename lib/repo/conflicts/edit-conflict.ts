import { isBinary } from '../../core/diff/lines.js';
import { SyncError } from '../../core/errors.js';
import type { Sides } from '../../core/merge/combine.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import type { PendingConflict } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { followMerge, keepBytes, mergeInProgress, shownVersion, stagesOf } from '../merge/merge-state.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { pickConflicts } from './pick-conflicts.js';
import { resolveConflict } from './resolve.js';

/** A text on disk that somebody can edit to settle its conflict. */
export interface EditableConflict {
  readonly path: string;
  /** Null where there is no such version. */
  readonly stages: Sides<Uint8Array | null>;
  /** What is on disk. */
  readonly bytes: Uint8Array;
}

/**
 * The open conflicts that are about lines of text, each with its file on disk; one that was removed is written again.
 *
 * @param asked ids, `kind/id` or paths; all conflicts when empty
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function editableConflicts(repo: Repository, asked: readonly string[]): EditableConflict[] {
  const { store, worktree } = repo;
  followMerge(repo);
  const state = mergeInProgress(store);
  const wanted = asked.length > 0 ? new Set(asked.flatMap((name) => pickConflicts(state.conflicts, name))) : undefined;
  return state.conflicts
    .filter((conflict) => isAboutText(conflict) && (wanted?.has(conflict) ?? true))
    .flatMap((conflict) => {
      const { path } = conflict;
      const shown = shownVersion(store, state, path);
      if (!worktree.stat(path) && shown) bringBack(repo, path, shown.oid);
      const { base, ours, theirs } = stagesOf(store, conflict);
      const bytes = worktree.read(path);
      return isBinary(bytes) ? [] : [{ path, stages: { base: conflict.base && base, ours, theirs }, bytes }];
    });
}

function bringBack(repo: Repository, path: string, oid: Oid): void {
  recordOperation(repo, 'conflicts --edit', () => {
    repo.store.operations.recordDisk([{ path, before: null, after: oid }]);
    repo.worktree.write(path, readBlob(repo.store.objects, oid));
  });
}

function isAboutText({ kind, ours, theirs, resolution }: PendingConflict): boolean {
  return resolution === undefined && ours !== null && theirs !== null && kind !== 'binary';
}

/**
 * Settles a conflict with what an editor made of its file; the file stays as it is, whether it is done or not.
 *
 * @param edited what belongs into the file, where the editor did not write it there
 * @returns false when the conflict stays open: markers of the merge are left, or nothing was changed at all
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `FILE_NOT_UTF8`, `FILE_UNWRITABLE`
 */
export function takeEdited(repo: Repository, path: string, edited?: Uint8Array): boolean {
  const take = () => {
    const bytes = edited && repo.gate.admit(path, edited);
    const kept = keepEdited(repo, path, bytes);
    if (bytes) repo.worktree.write(path, bytes);
    const shown = shownVersion(repo.store, mergeInProgress(repo.store), path);
    if (kept === (shown?.oid ?? null)) return false;
    try {
      resolveConflict(repo, path, 'disk');
      return true;
    } catch (error) {
      if (error instanceof SyncError && error.code === 'MERGE_UNRESOLVED') return false;
      throw error;
    }
  };
  return asSyncOperation(
    repo,
    'resolve',
    () => recordOperation(repo, 'resolve', take),
    (isSettled) => (isSettled ? 'done' : 'unresolved'),
  );
}

/** Stores what the file holds and is to hold; answers the latter. */
function keepEdited(repo: Repository, path: string, bytes: Uint8Array | undefined): Oid | null {
  const { store } = repo;
  return store.transact(() => {
    const before = keepBytes(repo, path).oid;
    if (!bytes) return before;
    const after = store.objects.write({ type: 'blob', body: bytes });
    store.operations.recordDisk([{ path, before, after }]);
    return after;
  });
}
