import { isBinary } from '../core/diff/lines.js';
import { SyncError } from '../core/errors.js';
import type { Sides } from '../core/merge/combine.js';
import { readBlob } from '../core/object/read.js';
import type { PendingConflict } from '../core/ports.js';
import { followMerge, keepBytes, mergeInProgress, shownVersion, stagesOf } from './merge-state.js';
import { pickConflicts } from './pick-conflicts.js';
import type { Repository } from './repository.js';
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
      if (!worktree.stat(path) && shown) worktree.write(path, readBlob(store.objects, shown.oid));
      const { base, ours, theirs } = stagesOf(store, conflict);
      const bytes = worktree.read(path);
      return isBinary(bytes) ? [] : [{ path, stages: { base: conflict.base && base, ours, theirs }, bytes }];
    });
}

function isAboutText({ kind, ours, theirs, resolution }: PendingConflict): boolean {
  return resolution === undefined && ours !== null && theirs !== null && kind !== 'binary';
}

/**
 * Settles a conflict with what an editor made of its file; the file stays as it is, whether it is done or not.
 *
 * @param bytes what belongs into the file, where the editor did not write it there
 * @returns false when the conflict stays open: markers of the merge are left, or nothing was changed at all
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `FILE_NOT_UTF8`, `FILE_UNWRITABLE`
 */
export function takeEdited(repo: Repository, path: string, bytes?: Uint8Array): boolean {
  const { store, worktree } = repo;
  const onDisk = store.transact(() => keepBytes(repo, path));
  if (bytes) worktree.write(path, bytes);
  const shown = shownVersion(store, mergeInProgress(store), path);
  const edited = bytes ? store.objects.hash('blob', bytes) : onDisk.oid;
  if (edited === (shown?.oid ?? null)) return false;
  try {
    resolveConflict(repo, path, 'disk');
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'MERGE_UNRESOLVED') return false;
    throw error;
  }
}
