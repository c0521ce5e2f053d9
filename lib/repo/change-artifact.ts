import { replaceState } from '../artifact/set-state.js';
import { validateArtifact, validateEdit } from '../artifact/validate.js';
import { SyncError } from '../core/errors.js';
import type { TreeEdit } from '../core/object/edit-tree.js';
import { LIMITS } from '../core/object/limits.js';
import { hashObject, type Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import { decodeUtf8, decodeUtf8Strict, encodeUtf8 } from '../core/object/text.js';
import type { IdentifiedObject } from '../core/ports.js';
import { currentActor } from './actor.js';
import { baseTree, planMove, runMove } from './base.js';
import { headCommit, treeOf } from './head.js';
import { findArtifact } from './list.js';
import { refuseDuringMerge } from './merge-state.js';
import { writeCommit } from './move-head.js';
import type { Repository } from './repository.js';
import { writeObjects, writeTree } from './write-tree.js';

/** What a change of one artifact made. */
export type ChangeResult =
  | { readonly status: 'unchanged'; readonly path: string }
  | { readonly status: 'committed'; readonly path: string; readonly commit: Oid };

/**
 * Replaces an artifact's text and commits it. The schema of its kind refuses what the edit brings in, not what was odd before.
 *
 * @param from the blob that the new text was made from; when the artifact has changed since, nothing is committed
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `FILE_NOT_UTF8`, `FILE_TOO_LARGE`, `ARTIFACT_INVALID` (every
 *   problem with its line), `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `REF_CHANGED`
 */
export async function editArtifact(
  repo: Repository,
  asked: string,
  bytes: Uint8Array,
  { from }: { readonly from?: Oid } = {},
): Promise<ChangeResult> {
  const { path, id, oid } = findArtifact(repo, asked);
  if (from !== undefined && from !== oid) {
    throw new SyncError('REF_CHANGED', `'${path}' was changed while it was being edited`, {
      hint: `See the change with 'agent sync log -n 1 ${path}'.`,
    });
  }
  if (hashObject('blob', bytes) === oid) return { status: 'unchanged', path };
  checkDocument(path, bytes, decodeUtf8(readBlob(repo.store.objects, oid)));
  return commitFile(repo, path, bytes, `Edit ${id}`);
}

/**
 * Changes an artifact's state where it is written, and nothing else of its text.
 *
 * @throws {SyncError} as `editArtifact`; `ARTIFACT_INVALID` also when the kind has no such state
 */
export async function setState(repo: Repository, asked: string, state: string): Promise<ChangeResult> {
  const { path, id, oid } = findArtifact(repo, asked);
  const text = decodeUtf8Strict(readBlob(repo.store.objects, oid));
  if (text === undefined) throw new SyncError('FILE_NOT_UTF8', `'${path}' is not UTF-8 text`);
  const changed = encodeUtf8(replaceState(path, text, state));
  if (hashObject('blob', changed) === oid) return { status: 'unchanged', path };
  return commitFile(repo, path, changed, `Set ${id} to ${state}`);
}

/**
 * Removes an artifact from `HEAD` and from disk; its history stays.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`
 */
export async function removeArtifact(repo: Repository, asked: string): Promise<ChangeResult> {
  const { path, id } = findArtifact(repo, asked);
  return { status: 'committed', path, commit: await commitEdits(repo, [{ path, version: null }], [], `Remove ${id}`) };
}

/** Commits new bytes for one path. */
export async function commitFile(
  repo: Repository,
  path: string,
  bytes: Uint8Array,
  message: string,
): Promise<ChangeResult> {
  const oid = hashObject('blob', bytes);
  const edits: TreeEdit[] = [{ path, version: { mode: '100644', oid } }];
  const commit = await commitEdits(repo, edits, [{ type: 'blob', oid, body: bytes }], message);
  return { status: 'committed', path, commit };
}

/**
 * Holds new content to size, encoding and the schema of its kind.
 *
 * @param before the text that is edited; its own oddities are let pass
 * @throws {SyncError} `FILE_TOO_LARGE`, `FILE_NOT_UTF8`, `ARTIFACT_INVALID`
 */
export function checkDocument(path: string, bytes: Uint8Array, before?: string): void {
  if (bytes.length > LIMITS.objectBytes) {
    throw new SyncError(
      'FILE_TOO_LARGE',
      `the new text of '${path}' has ${bytes.length} bytes; the limit is ${LIMITS.objectBytes}`,
    );
  }
  const text = decodeUtf8Strict(bytes);
  if (text === undefined) throw new SyncError('FILE_NOT_UTF8', `the new text of '${path}' is not UTF-8`);
  const problems = before === undefined ? validateArtifact(path, text) : validateEdit(path, before, text);
  if (problems.length === 0) return;
  const lines = problems.map(({ line, message }) => `\n  ${path}:${line}: ${message}`);
  throw new SyncError('ARTIFACT_INVALID', `'${path}' would not be valid; nothing was changed:${lines.join('')}`);
}

async function commitEdits(
  repo: Repository,
  edits: readonly TreeEdit[],
  blobs: readonly IdentifiedObject[],
  message: string,
): Promise<Oid> {
  const { store } = repo;
  refuseDuringMerge(store);
  const actor = await currentActor(repo);
  const hint = "Run 'agent sync import' first, so that they are kept.";
  const { commit, move } = store.transact(() => {
    const head = headCommit(store);
    writeObjects(store, blobs);
    const tree = writeTree(store, treeOf(store, head), edits);
    const move = planMove(repo, baseTree(store, repo.worktree), tree, hint);
    const parents = head ? [head] : [];
    return { commit: writeCommit(repo, { tree, parents, message, actor }), move };
  });
  runMove(repo, move, commit);
  return commit;
}
