import { replaceState } from '../../artifact/set-state.js';
import { validateChange } from '../../artifact/validate.js';
import { SyncError } from '../../core/errors.js';
import { LIMITS } from '../../core/object/limits.js';
import { hashObject, type Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8, decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import { currentActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { baseTree, followHead, planMove } from '../disk/base.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { headCommit, treeOf } from '../history/head.js';
import { writeCommit } from '../history/move-head.js';
import { writeTree } from '../history/write-tree.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { PlacedFinding } from '../privacy/gate.js';
import type { Repository } from '../repository.js';
import { findArtifact } from './list.js';

/** What a change of one artifact made. */
export type ChangeResult =
  | { readonly status: 'unchanged'; readonly path: string }
  | {
      readonly status: 'committed';
      readonly path: string;
      readonly commit: Oid;
      /** What was redacted in the new text, or might have been; left out where there was nothing. */
      readonly findings?: readonly PlacedFinding[];
    };

/** A change of one artifact, still to be committed. */
export interface PlannedChange {
  readonly path: string;
  /** The new contents; null to remove the artifact. */
  readonly bytes: Uint8Array | null;
  readonly message: string;
}

/**
 * Replaces an artifact's text and commits it. The schema of its kind refuses what the edit brings in, not what was odd before.
 *
 * @param from the blob that the new text was made from; when the artifact has changed since, nothing is committed
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `FILE_NOT_UTF8`, `FILE_TOO_LARGE`, `ARTIFACT_INVALID` (every
 *   problem with its line), `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `REF_CHANGED`
 */
export function editArtifact(
  repo: Repository,
  asked: string,
  bytes: Uint8Array,
  { from }: { readonly from?: Oid } = {},
): Promise<ChangeResult> {
  return changeAs(repo, 'edit', () => {
    const { path, id, oid } = findArtifact(repo, asked);
    if (from !== undefined && from !== oid) {
      throw new SyncError('REF_CHANGED', `'${path}' was changed while it was being edited`, {
        hint: `See the change with 'agent sync log -n 1 ${path}'.`,
      });
    }
    if (hashObject('blob', bytes) !== oid) checkDocument(path, bytes, [decodeUtf8(readBlob(repo.store.objects, oid))]);
    return { path, bytes, message: `Edit ${id}` };
  });
}

/**
 * Changes an artifact's state where it is written, and nothing else of its text.
 *
 * @throws {SyncError} as `editArtifact`; `ARTIFACT_INVALID` also when the kind has no such state
 */
export function setState(repo: Repository, asked: string, state: string): Promise<ChangeResult> {
  return changeAs(repo, 'set-state', () => {
    const { path, id, oid } = findArtifact(repo, asked);
    const text = decodeUtf8Strict(readBlob(repo.store.objects, oid));
    if (text === undefined) throw new SyncError('FILE_NOT_UTF8', `'${path}' is not UTF-8 text`);
    return { path, bytes: encodeUtf8(replaceState(path, text, state)), message: `Set ${id} to ${state}` };
  });
}

/**
 * Removes an artifact from `HEAD` and from disk; its history stays.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`
 */
export function removeArtifact(repo: Repository, asked: string): Promise<ChangeResult> {
  return changeAs(repo, 'rm', () => {
    const { path, id } = findArtifact(repo, asked);
    return { path, bytes: null, message: `Remove ${id}` };
  });
}

function changeAs(repo: Repository, operation: string, plan: () => PlannedChange): Promise<ChangeResult> {
  return asSyncOperation(repo, operation, () => commitChange(repo, plan));
}

/**
 * Commits a change of one artifact and brings the disk along.
 *
 * @param plan reads `HEAD` and says what to change, in the transaction that commits it: nobody's change comes in between
 * @throws {SyncError} `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `CONTENT_BLOCKED`, and what `plan` throws
 */
export async function commitChange(repo: Repository, plan: () => PlannedChange): Promise<ChangeResult> {
  const { store } = repo;
  refuseDuringMerge(store);
  const actor = await currentActor(repo);
  followHead(repo);
  return takeStep(repo, 'change', (): Step<ChangeResult> => {
    refuseDuringMerge(store);
    const { path, bytes, message } = plan();
    const head = headCommit(store);
    const body = bytes && repo.gate.admit(path, bytes);
    const version = body && ({ mode: '100644', oid: store.objects.write({ type: 'blob', body }) } as const);
    const before = treeOf(store, head);
    const tree = writeTree(store, before, [{ path, version }]);
    if (tree === before) return { result: { status: 'unchanged', path } };
    const hint = "Run 'agent sync import' first, so that they are kept.";
    const move = planMove(repo, baseTree(store, repo.worktree), tree, hint);
    const commit = writeCommit(repo, { tree, parents: head ? [head] : [], message, actor });
    const findings = body ? repo.gate.findingsIn(path) : [];
    const told = findings.length > 0 ? { findings } : {};
    return { result: { status: 'committed', path, commit, ...told }, move, commit };
  });
}

/**
 * Holds new content to size, encoding and the schema of its kind.
 *
 * @param before the texts that it was made from; their own oddities are let pass
 * @throws {SyncError} `FILE_TOO_LARGE`, `FILE_NOT_UTF8`, `ARTIFACT_INVALID`
 */
export function checkDocument(path: string, bytes: Uint8Array, before: readonly string[] = []): void {
  if (bytes.length > LIMITS.objectBytes) {
    throw new SyncError(
      'FILE_TOO_LARGE',
      `the new text of '${path}' has ${bytes.length} bytes; the limit is ${LIMITS.objectBytes}`,
    );
  }
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw new SyncError('FILE_NOT_UTF8', `the new text of '${path}' is not UTF-8`);
  const problems = validateChange(path, before, text);
  if (problems.length === 0) return;
  const lines = problems.map(({ line, message }) => `\n  ${path}:${line}: ${message}`);
  throw new SyncError('ARTIFACT_INVALID', `'${path}' would not be valid; nothing was changed:${lines.join('')}`);
}
