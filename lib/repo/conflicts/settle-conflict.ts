import { SyncError } from '../../core/errors.js';
import type { Sides } from '../../core/merge/combine.js';
import { keepsMarkers } from '../../core/merge/keeps-markers.js';
import { hasNestedMarkers, mayNestMarkers } from '../../core/merge/nested-markers.js';
import { settleHunks } from '../../core/merge/settle-hunks.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8, decodeUtf8Strict } from '../../core/object/text.js';
import type {
  Conflict,
  ConflictAnswer,
  FileVersion,
  HunkAnswer,
  MergeState,
  PendingConflict,
  Store,
} from '../../core/ports.js';
import { mergedVersion, shownVersion, stagesOf } from '../merge/merge-state.js';
import { sideVersion } from './side-version.js';

/**
 * How a conflict is settled: with one version as it is, or its absence; every hunk with ours' and then theirs' lines; with the
 * file on disk; some hunks, numbered from 1; or with a text that somebody made.
 */
export type Answer =
  | 'ours'
  | 'theirs'
  | 'base'
  | 'union'
  | 'disk'
  | { readonly hunks: ReadonlyMap<number, HunkAnswer> }
  | { readonly bytes: Uint8Array };

/**
 * Works out what an answer makes of a conflict, and stores the text.
 *
 * @param onDisk what the disk holds there; null for no file
 * @throws {SyncError} `FILE_NOT_UTF8`, `MERGE_UNRESOLVED`, `HUNK_UNKNOWN`, `LOCAL_CHANGES`
 */
export function settleConflict(
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
      return whole(sideVersion(store, state, conflict, answer));
    case 'union': {
      const every = conflict.hunks.map((_, i) => [i + 1, answer] as const);
      return settleByHunks(store, state, conflict, new Map(every), onDisk);
    }
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
  given: ReadonlyMap<number, HunkAnswer>,
  onDisk: Oid | null,
): ConflictAnswer {
  const { path, kind, hunks } = conflict;
  const merged = mergedVersion(store, state, path);
  if (!merged || hunks.length === 0) {
    throw new SyncError('HUNK_UNKNOWN', `the conflict of '${path}' has no hunks: it is a ${kind} conflict`, {
      hint: "Settle it as a whole, with '--ours', '--theirs', '--base' or '--file F'.",
    });
  }
  for (const index of given.keys()) {
    if (index >= 1 && index <= hunks.length) continue;
    throw new SyncError('HUNK_UNKNOWN', `'${path}' has no hunk ${index}; its hunks are 1 to ${hunks.length}`, {
      hint: "'agent sync conflicts ARTIFACT' shows them.",
    });
  }
  const bytes = readBlob(store.objects, merged.oid);
  const versions = stagesOf(store, conflict);
  const answers = hunks.map((_, i) => given.get(i + 1) ?? conflict.answers[i] ?? null);
  const settled = settleHunks(bytes, versions, hunks, answers);
  const written = answers.map((answer) => (answer !== null && typeof answer === 'object' ? answer : 'ours'));
  refuseMarkers(conflict, settleHunks(bytes, versions, hunks, written).bytes, bytes, versions);
  refuseNestedMarkers(conflict, settled.bytes);
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
  if (merged && hunks.length > 0)
    refuseMarkers(conflict, bytes, readBlob(store.objects, merged.oid), stagesOf(store, conflict));
  refuseNestedMarkers(conflict, bytes);
  const oid = store.objects.write({ type: 'blob', body: bytes });
  return { mode: merged?.mode ?? '100644', oid };
}

function refuseMarkers(conflict: Conflict, answer: Uint8Array, merged: Uint8Array, versions: Sides<Uint8Array>): void {
  if (keepsMarkers(answer, merged, conflict.hunks, versions)) throw stillMarked(conflict);
}

function refuseNestedMarkers(conflict: Conflict, answer: Uint8Array): void {
  if (mayNestMarkers(conflict) && hasNestedMarkers(decodeUtf8(answer))) throw stillMarked(conflict);
}

function stillMarked({ path }: Conflict): SyncError {
  return new SyncError('MERGE_UNRESOLVED', `the resolution of '${path}' still has conflict markers in it`, {
    hint: "Edit it until the merge's lines that begin with '<<<<<<<', '=======' and '>>>>>>>' are gone, and give it with '--file'.",
  });
}
