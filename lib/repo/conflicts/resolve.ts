import type { HunkAnswer, MergeState, PendingConflict } from '../../core/ports.js';
import { pickArtifact } from '../artifacts/pick-artifact.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { followMerge, keepBytes, mergeInProgress } from '../merge/merge-state.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { pickConflicts } from './pick-conflicts.js';
import { type Answer, settleConflict } from './settle-conflict.js';

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
  if (typeof answer !== 'string' && 'bytes' in answer) return [pickArtifact(picked, asked, 'conflict')];
  const marked = picked.filter(({ hunks }) => hunks.length > 0);
  if (marked.length === 0) return picked;
  return answer === 'union' ? marked : [pickArtifact(marked, asked, 'conflict')];
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
 * @param check is handed each conflict as it would be, and throws to keep none of the answers
 */
export function settleConflicts(
  repo: Repository,
  plan: (state: MergeState) => readonly AnsweredConflict[],
  check: (settled: PendingConflict) => void = () => {},
): readonly PendingConflict[] {
  const settle = () => {
    followMerge(repo);
    const settled = repo.store.transact(() => {
      const state = mergeInProgress(repo.store);
      return plan(state).map((answered) => keepAnswer(repo, state, answered, check));
    });
    followMerge(repo);
    return settled;
  };
  return asSyncOperation(
    repo,
    'resolve',
    () => recordOperation(repo, 'resolve', settle),
    (settled) => ({ result: 'done', detail: { conflicts: settled.length } }),
  );
}

function keepAnswer(
  repo: Repository,
  state: MergeState,
  { conflict, answer: given }: AnsweredConflict,
  check: (settled: PendingConflict) => void,
): PendingConflict {
  const { store } = repo;
  const onDisk = keepBytes(repo, conflict.path);
  const answer = admitAnswer(repo, conflict.path, given);
  const settled = { ...conflict, ...settleConflict(store, state, conflict, answer, onDisk.oid) };
  check(settled);
  store.merge.resolve(onDisk, settled);
  const { partial, resolution } = settled;
  const shown = resolution === undefined ? partial : resolution;
  store.operations.recordDisk([{ path: conflict.path, before: onDisk.oid, after: shown?.oid ?? null }]);
  return settled;
}

/** @throws {SyncError} `CONTENT_BLOCKED` */
function admitAnswer({ gate }: Repository, path: string, answer: Answer): Answer {
  if (answer === 'disk') gate.refuseBlocked([path]);
  if (typeof answer === 'string') return answer;
  if ('bytes' in answer) return { bytes: gate.admit(path, answer.bytes) };
  const admit = (hunk: HunkAnswer) => (typeof hunk === 'string' ? hunk : { text: gate.admitText(hunk.text, path) });
  return { hunks: new Map([...answer.hunks].map(([index, hunk]) => [index, admit(hunk)])) };
}
