import { SyncError } from '../core/errors.js';
import { keepsMarkers } from '../core/merge/keeps-markers.js';
import { settleHunks } from '../core/merge/settle-hunks.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import { decodeUtf8Strict } from '../core/object/text.js';
import type { ConflictAnswer, FileVersion, HunkAnswer, MergeState, PendingConflict, Store } from '../core/ports.js';
import { followMerge, keepBytes, mergedVersion, mergeInProgress, shownVersion, stagesOf } from './merge-state.js';
import { pickArtifact } from './pick-artifact.js';
import { pickConflicts } from './pick-conflicts.js';
import type { Repository } from './repository.js';

/**
 * How a conflict is settled: with one version as it is, or its absence; every hunk with ours' and then theirs' lines; hunk by
 * hunk, null leaving one as it is; with the file on disk; or with a text that somebody made.
 */
export type Answer =
  | 'ours'
  | 'theirs'
  | 'base'
  | 'union'
  | 'disk'
  | { readonly hunks: readonly (HunkAnswer | null)[] }
  | { readonly bytes: Uint8Array };

/** A conflict and the answer to it. */
export interface AnsweredConflict {
  readonly conflict: PendingConflict;
  readonly answer: Answer;
}

/**
 * Settles the conflicts of one artifact in the merge in progress, in the store and on disk.
 *
 * What the disk held is kept in the store first, so that a hand-made resolution is never lost.
 *
 * @param asked an id, `kind/id`, or a path, among the conflicts
 * @returns the conflicts as they are now: several where a renamed artifact is in conflict under several paths
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS` (also where only one of several paths can
 *   have the answer), `FILE_NOT_UTF8`; `MERGE_UNRESOLVED` when the text still has this merge's conflict markers; `HUNK_UNKNOWN`;
 *   `LOCAL_CHANGES` when the answer is to hunks and the file on disk was edited since
 */
export function resolveConflict(repo: Repository, asked: string, answer: Answer): readonly PendingConflict[] {
  return settleConflicts(repo, ({ conflicts }) =>
    placesOf(conflicts, asked, answer).map((conflict) => ({ conflict, answer })),
  );
}

/** A version can be taken at each path of an artifact, one text only at one, and hunks where there are any. */
function placesOf(conflicts: readonly PendingConflict[], asked: string, answer: Answer): readonly PendingConflict[] {
  const picked = pickConflicts(conflicts, asked);
  if (picked.length === 1 || (typeof answer === 'string' && answer !== 'union')) return picked;
  const marked = picked.filter(({ hunks }) => hunks.length > 0);
  if (answer === 'union' && marked.length > 0) return marked;
  return [pickArtifact(answer !== 'union' && 'bytes' in answer ? picked : marked, asked, 'conflict')];
}

/**
 * Settles every conflict that is open.
 *
 * @throws {SyncError} as `resolveConflict`
 */
export function resolveAll(repo: Repository, answer: 'ours' | 'theirs' | 'union'): readonly PendingConflict[] {
  return settleConflicts(repo, ({ conflicts }) =>
    conflicts.filter(({ resolution }) => resolution === undefined).map((conflict) => ({ conflict, answer })),
  );
}

/**
 * Settles conflicts, all or none.
 *
 * @param plan reads the merge in the transaction that keeps the answers
 */
export function settleConflicts(
  repo: Repository,
  plan: (state: MergeState) => readonly AnsweredConflict[],
): readonly PendingConflict[] {
  const { store } = repo;
  followMerge(repo);
  const settled = store.transact(() => {
    const state = mergeInProgress(store);
    return plan(state).map(({ conflict, answer }) => {
      const onDisk = keepBytes(repo, conflict.path);
      const settled = settle(store, state, conflict, answer, onDisk.oid);
      store.merge.resolve(onDisk, settled);
      return { ...conflict, ...settled };
    });
  });
  followMerge(repo);
  return settled;
}

/** @param onDisk what the disk holds there; null for no file */
function settle(
  store: Store,
  state: MergeState,
  conflict: PendingConflict,
  answer: Answer,
  onDisk: Oid | null,
): ConflictAnswer {
  switch (answer) {
    case 'ours':
    case 'theirs':
    case 'base':
      return whole(conflict[answer]);
    case 'union':
      return settleByHunks(store, state, conflict, new Array(conflict.hunks.length).fill('union'), onDisk);
    case 'disk':
      return whole(onDisk === null ? null : writeText(store, state, conflict, readBlob(store.objects, onDisk)));
  }
  return 'hunks' in answer
    ? settleByHunks(store, state, conflict, answer.hunks, onDisk)
    : whole(writeText(store, state, conflict, answer.bytes));
}

function whole(resolution: FileVersion | null): ConflictAnswer {
  return { answers: [], partial: null, resolution };
}

function settleByHunks(
  store: Store,
  state: MergeState,
  conflict: PendingConflict,
  given: readonly (HunkAnswer | null)[],
  onDisk: Oid | null,
): ConflictAnswer {
  const { path, kind, hunks } = conflict;
  const merged = mergedVersion(store, state, path);
  if (!merged || hunks.length === 0) {
    throw new SyncError('HUNK_UNKNOWN', `the conflict of '${path}' has no hunks: it is a ${kind} conflict`, {
      hint: "Settle it as a whole, with '--ours', '--theirs', '--base' or '--file F'.",
    });
  }
  if (given.length > hunks.length) {
    throw new SyncError('HUNK_UNKNOWN', `'${path}' has no hunk ${given.length}; the last one is ${hunks.length}`, {
      hint: "'agent sync conflicts ARTIFACT' shows them.",
    });
  }
  const answers = hunks.map((_, i) => given[i] ?? conflict.answers[i] ?? null);
  const settled = settleHunks(readBlob(store.objects, merged.oid), stagesOf(store, conflict), hunks, answers);
  const oid = store.objects.write({ type: 'blob', body: settled.bytes });
  refuseHandMade(store, state, path, onDisk, oid);
  const version = { mode: merged.mode, oid };
  return settled.hunks.length > 0
    ? { answers, partial: version, resolution: undefined }
    : { answers, partial: null, resolution: version };
}

/** An answer to hunks begins with the text of the merge: lines that somebody typed meanwhile would be gone from the file. */
function refuseHandMade(store: Store, state: MergeState, path: string, onDisk: Oid | null, wanted: Oid): void {
  const unfollowed = state.unfollowed.find((before) => before.path === path);
  if (onDisk === null || onDisk === wanted || onDisk === unfollowed?.oid) return;
  if (onDisk === shownVersion(store, state, path)?.oid) return;
  throw new SyncError(
    'LOCAL_CHANGES',
    `'${path}' was edited since the merge wrote it; its hunks were left as they are`,
    {
      hint: "When it is done, take it with '--file'. To begin again with the text of the merge, remove the file.",
    },
  );
}

function writeText(store: Store, state: MergeState, conflict: PendingConflict, bytes: Uint8Array): FileVersion {
  const { path, hunks } = conflict;
  if (decodeUtf8Strict(bytes) === undefined)
    throw new SyncError('FILE_NOT_UTF8', `the resolution of '${path}' is not UTF-8 text`);
  const merged = mergedVersion(store, state, path);
  if (merged && keepsMarkers(bytes, readBlob(store.objects, merged.oid), hunks, stagesOf(store, conflict))) {
    throw new SyncError('MERGE_UNRESOLVED', `the resolution of '${path}' still has conflict markers in it`, {
      hint: "Edit it until no line is left that begins with '<<<<<<<', '=======' or '>>>>>>>' and is the merge's.",
    });
  }
  const oid = store.objects.write({ type: 'blob', body: bytes });
  return { mode: merged?.mode ?? '100644', oid };
}
