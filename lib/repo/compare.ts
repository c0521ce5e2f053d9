import { diffTrees, type TreeChange } from '../core/diff/diff-trees.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import { ORIGIN_MAIN } from '../core/ref/ref-names.js';
import { treeOf } from './head.js';
import { pathBelowCache } from './pick-artifact.js';
import type { Repository } from './repository.js';
import { resolveRevision } from './revision.js';

/** What to compare. */
export interface CompareOptions {
  /** `origin/main` when left out; the empty tree if that was never fetched. */
  readonly from?: string;
  /** `HEAD` when left out. */
  readonly to?: string;
  /** Files or folders below `.agent/cache`; everything when left out. */
  readonly paths?: readonly string[];
}

/** One file that two revisions have differently, with the bytes of both. */
export interface FileDifference extends TreeChange {
  /** Empty where there is no file. */
  readonly oldBytes: Uint8Array;
  readonly newBytes: Uint8Array;
}

/**
 * Compares two revisions.
 *
 * @returns the files that differ, in byte order of path
 * @throws {SyncError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`
 * @see git-diff(1)
 */
export function compareRevisions(repo: Repository, { from, to, paths }: CompareOptions = {}): FileDifference[] {
  const { store } = repo;
  const before = from === undefined ? (store.refs.get(ORIGIN_MAIN) ?? null) : resolveRevision(store, from);
  const after = resolveRevision(store, to ?? 'HEAD');
  const wanted = paths?.map((path) => pathBelowCache(path).replace(/\/$/, ''));
  const bytes = (oid: Oid | undefined) => (oid === undefined ? new Uint8Array() : readBlob(store.objects, oid));
  return diffTrees(store.objects, treeOf(store, before), treeOf(store, after))
    .filter(({ path }) => !wanted || wanted.some((place) => path === place || path.startsWith(`${place}/`)))
    .map((change) => ({ ...change, oldBytes: bytes(change.before?.oid), newBytes: bytes(change.after?.oid) }));
}
