import { replaceHandles } from '../../artifact/draft-handle.js';
import { KINDS, parseArtifactId } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import { findPath } from '../../core/object/find-path.js';
import { readBlob } from '../../core/object/read.js';
import { isTree } from '../../core/object/tree.js';
import type { ArtifactEntry, ArtifactFilter } from '../../core/ports.js';
import { actorName, displayName } from '../actor.js';
import { treeOf } from '../history/head.js';
import { resolveRevision } from '../history/revision.js';
import type { Repository } from '../repository.js';
import { pathBelowCache, pickArtifact } from './pick-artifact.js';

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
  try {
    return pickArtifact(candidates(repo, asked), asked);
  } catch (error) {
    const numbered = replaceHandles(asked, (handle) => repo.store.index.idOf(handle));
    const isUnknown = error instanceof SyncError && error.code === 'ARTIFACT_UNKNOWN';
    if (!isUnknown || numbered === asked) throw error;
    return pickArtifact(candidates(repo, numbered), numbered);
  }
}

/** What a name may mean: by path or id the index knows it, without reading what else there is. */
function candidates(repo: Repository, asked: string): ListedArtifact[] {
  const { index } = repo.store;
  const found = index.get(pathBelowCache(asked));
  if (found) return [{ ...found, authorName: actorName(repo, found.author) }];
  const id = asked.slice(asked.indexOf('/') + 1);
  const withId = parseArtifactId(id) ? KINDS.flatMap((kind) => listArtifacts(repo, { kind, id })) : [];
  return withId.length > 0 ? withId : listArtifacts(repo);
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
