import { SyncError } from '../core/errors.js';
import { findPath } from '../core/object/find-path.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import { decodeUtf8, decodeUtf8Strict } from '../core/object/text.js';
import { isTree } from '../core/object/tree.js';
import type { FileVersion, PendingConflict, Store } from '../core/ports.js';
import { currentActor } from './actor.js';
import { planMove, runMove, type WorktreeMove } from './base.js';
import { headCommit } from './head.js';
import { keepBytes, mergeInProgress, resumeCheckout } from './merge-state.js';
import { writeCommit } from './move-head.js';
import { pickArtifact } from './pick-artifact.js';
import type { Repository } from './repository.js';
import { writeTree } from './write-tree.js';

/** How a conflict is settled: with one side as it is, or with a text that a person made. */
export type Answer = 'ours' | 'theirs' | { readonly bytes: Uint8Array };

/**
 * Settles one conflict of the merge in progress, in the store and on disk.
 *
 * What the disk held is kept in the store first, so that a hand-made resolution is never lost.
 *
 * @param artifact an id, `kind/id`, or a path, among the conflicts
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `FILE_NOT_UTF8`; `MERGE_UNRESOLVED`
 *   when the text still has this merge's conflict markers
 */
export function resolveConflict(repo: Repository, artifact: string, answer: Answer): PendingConflict {
  const { store, worktree } = repo;
  resumeCheckout(repo, mergeInProgress(store));
  const { resolved, previous } = store.transact(() => {
    const { conflicts, tree } = mergeInProgress(store);
    const conflict = pickArtifact(conflicts, artifact, 'conflict');
    const resolution = typeof answer === 'string' ? conflict[answer] : writeAnswer(store, conflict, tree, answer.bytes);
    const previous = keepBytes(repo, conflict.path);
    store.merge.resolve(conflict.path, resolution);
    return { resolved: { ...conflict, resolution }, previous };
  });
  const wanted = resolved.resolution?.oid ?? null;
  if (previous.oid !== wanted) {
    if (wanted) worktree.write(resolved.path, readBlob(store.objects, wanted));
    else worktree.remove(resolved.path);
  }
  return resolved;
}

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
  resumeCheckout(repo, mergeInProgress(store));
  const { commit, parents, move } = store.transact(() => {
    const state = mergeInProgress(store);
    const open = state.conflicts.filter(({ resolution }) => resolution === undefined);
    if (open.length > 0) {
      throw new SyncError(
        'MERGE_UNRESOLVED',
        `conflicts are still open:${open.map(({ path }) => `\n  ${path}`).join('')}`,
        {
          hint: "Settle each with 'agent sync resolve ARTIFACT --ours', '--theirs' or '--file F'.",
        },
      );
    }
    if (headCommit(store) !== state.ours) {
      throw new SyncError('REF_CHANGED', 'HEAD has moved since this merge began', {
        hint: "Go back with 'agent sync merge --abort' and merge again.",
      });
    }
    const edits = state.conflicts.map(({ path, resolution }) => ({ path, version: resolution ?? null }));
    const tree = writeTree(store, state.tree, edits);
    const parents = [state.ours, state.theirs].filter((oid) => oid !== null);
    // What a person then wrote over an answer descends from the answer, and no longer from the text with markers.
    const move: WorktreeMove = { ...planMove(repo, state.tree, tree), from: tree };
    const commit = writeCommit(repo, { tree, parents, message: state.message, actor });
    store.merge.clear();
    return { commit, parents, move };
  });
  runMove(repo, move, commit);
  return { commit, parents };
}

/**
 * Drops the merge in progress and restores exactly what the disk held before it.
 *
 * @returns the paths that were restored
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`
 * @see git-merge(1), `--abort`
 */
export function abortMerge(repo: Repository): readonly string[] {
  const { store, worktree } = repo;
  const before = store.transact(() => {
    const state = mergeInProgress(store);
    for (const { path } of state.before) keepBytes(repo, path);
    return state.before;
  });
  for (const { path, oid } of before) if (oid === null) worktree.remove(path);
  for (const { path, oid } of before) if (oid !== null) worktree.write(path, readBlob(store.objects, oid));
  // Last, so that an abort that was interrupted can be repeated.
  store.merge.clear();
  return before.map(({ path }) => path);
}

function writeAnswer(store: Store, conflict: PendingConflict, merged: Oid, bytes: Uint8Array): FileVersion {
  const text = decodeUtf8Strict(bytes);
  if (text === undefined)
    throw new SyncError('FILE_NOT_UTF8', `the resolution of '${conflict.path}' is not UTF-8 text`);
  const marked = findPath(store.objects, merged, conflict.path);
  if (hasMarkers(text, marked && !isTree(marked) ? decodeUtf8(readBlob(store.objects, marked.oid)) : '')) {
    throw new SyncError('MERGE_UNRESOLVED', `the resolution of '${conflict.path}' still has conflict markers in it`, {
      hint: "Edit it until no line is left that begins with '<<<<<<< HEAD' or '>>>>>>> '.",
    });
  }
  const oid = store.objects.write({ type: 'blob', body: bytes });
  return { mode: conflict.ours?.mode ?? conflict.theirs?.mode ?? '100644', oid };
}

/**
 * Only the markers that our merges write count: a Runbook may well show others as its text.
 *
 * @param marked what this merge wrote, whatever it called the other side
 */
function hasMarkers(text: string, marked: string): boolean {
  const closings = (lines: string) => (lines.match(/^>>>>>>> .*$/gm) ?? []).map((line) => line.trimEnd());
  const written = new Set(closings(marked));
  const isOurs = (line: string) => written.has(line) || /^>>>>>>> (origin\/main|disk)(:.*)?$/.test(line);
  return /^<<<<<<< HEAD(:.*)?\r?$/m.test(text) && closings(text).some(isOurs);
}
