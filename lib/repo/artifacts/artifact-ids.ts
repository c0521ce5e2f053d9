import { type ArtifactName, parseArtifactId, parseArtifactPath } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import { listFiles } from '../../core/object/find-path.js';
import type { ArtifactKind } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { treeOf } from '../history/head.js';
import type { Repository } from '../repository.js';
import { listArtifacts } from './list.js';

/**
 * The ids that are borne by somebody, as far as this store knows: in `HEAD`, in `origin/main`, and by files on disk that are not
 * imported yet. Given out again they would be two of the same.
 */
export function idsInUse(repo: Repository): ArtifactName[] {
  const { store, worktree } = repo;
  const origin = treeOf(store, store.refs.get(ORIGIN_MAIN) ?? null);
  const files = [...store.index.list(), ...worktree.scan().files, ...(origin ? listFiles(store.objects, origin) : [])];
  return files.flatMap(({ path }) => parseArtifactPath(path) ?? []).filter(({ id }) => id !== '');
}

/** The highest number in use below a prefix; 0 for none. */
export function highestNumber(ids: readonly ArtifactName[], prefix: string): number {
  return ids.reduce((highest, id) => (id.prefix === prefix ? Math.max(highest, id.number) : highest), 0);
}

/**
 * The prefix that a new id is to have.
 *
 * @param asked undefined for the one that all ids have
 * @throws {SyncError} `USAGE` when there are several, or no id can begin with it
 */
export function choosePrefix(ids: readonly ArtifactName[], asked: string | undefined): string {
  const prefixes = [...new Set(ids.map(({ prefix }) => prefix))].sort();
  const next = asked ?? (prefixes.length === 1 ? prefixes[0] : undefined);
  if (next !== undefined && parseArtifactId(`${next}-1`) !== undefined) return next;
  const what = next === undefined ? 'say which prefix the id is to have' : `no id can begin with '${next}'`;
  const known = prefixes.length > 0 ? `; in use: ${prefixes.join(', ')}` : '';
  throw new SyncError('USAGE', `${what}${known}`, {
    hint: "Add '--prefix NAME', in capital letters and digits, such as '--prefix INFRA'.",
  });
}

/**
 * Refuses an id that an artifact of `HEAD` has: the origin knows the ids that it issued, not those that came with imported
 * files.
 *
 * @throws {SyncError} `ID_TAKEN`
 */
export function refuseTaken(repo: Repository, kind: ArtifactKind, id: string): void {
  if (listArtifacts(repo, { kind, id }).length > 0) throw taken(kind, id);
}

/** That an id is borne by another artifact. */
export function taken(kind: ArtifactKind, id: string): SyncError {
  return new SyncError('ID_TAKEN', `there is a ${kind} ${id} already`, {
    hint: `See it with 'agent show ${kind}/${id}'.`,
  });
}
