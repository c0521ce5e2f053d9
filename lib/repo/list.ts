import { replaceHandles } from '../artifact/draft-handle.js';
import { SyncError } from '../core/errors.js';
import { findPath } from '../core/object/find-path.js';
import { readBlob } from '../core/object/read.js';
import { isTree } from '../core/object/tree.js';
import type { ArtifactEntry, ArtifactFilter } from '../core/ports.js';
import { displayName } from './actor.js';
import { treeOf } from './head.js';
import { pathBelowCache, pickArtifact } from './pick-artifact.js';
import type { Repository } from './repository.js';
import { resolveRevision } from './revision.js';

/** An artifact of `HEAD`, with the name of whoever changed it last. */
export interface ListedArtifact extends ArtifactEntry {
  readonly authorName: string;
}

/** Lists the artifacts of `HEAD`, sorted by path. */
export function listArtifacts(repo: Repository, filter: ArtifactFilter = {}): ListedArtifact[] {
  const names = new Map(repo.store.actors.list().map((actor) => [actor.id, displayName(actor)]));
  return repo.store.index
    .list(filter)
    .map((entry) => ({ ...entry, authorName: names.get(entry.author) ?? entry.author }));
}

/**
 * Finds one artifact of `HEAD` by path, `kind/id`, id or file name, also by those that it had as a draft.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function findArtifact(repo: Repository, asked: string): ListedArtifact {
  const artifacts = listArtifacts(repo);
  try {
    return pickArtifact(artifacts, asked);
  } catch (error) {
    const numbered = replaceHandles(asked, (handle) => repo.store.index.idOf(handle));
    const isUnknown = error instanceof SyncError && error.code === 'ARTIFACT_UNKNOWN';
    if (!isUnknown || numbered === asked) throw error;
    return pickArtifact(artifacts, numbered);
  }
}

/**
 * The bytes of one artifact of `HEAD`.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function readArtifact(
  repo: Repository,
  asked: string,
): { readonly entry: ListedArtifact; readonly bytes: Uint8Array } {
  const entry = findArtifact(repo, asked);
  return { entry, bytes: readBlob(repo.store.objects, entry.oid) };
}

/**
 * The bytes that an artifact had at a revision.
 *
 * @param asked a path below `.agent/cache`, or an artifact of `HEAD` by any of its names
 * @throws {SyncError} `REVISION_UNKNOWN`; `ARTIFACT_UNKNOWN` when that revision has no such file
 */
export function readArtifactAt(
  repo: Repository,
  revision: string,
  asked: string,
): { readonly path: string; readonly bytes: Uint8Array } {
  const { store } = repo;
  const tree = treeOf(store, resolveRevision(store, revision))!;
  const given = pathBelowCache(asked);
  const path = given.endsWith('.md') ? given : findArtifact(repo, asked).path;
  const found = findPath(store.objects, tree, path);
  if (!found || isTree(found)) {
    throw new SyncError('ARTIFACT_UNKNOWN', `'${path}' is not in ${revision}`, {
      hint: "'agent sync log' tells which commits changed it.",
    });
  }
  return { path, bytes: readBlob(store.objects, found.oid) };
}
