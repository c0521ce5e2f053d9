import { type ArtifactName, parseArtifactPath } from '../../artifact/path.js';
import { isNamed, pathBelowCache, pickArtifact } from '../artifacts/pick-artifact.js';

/** The artifact that a conflict is about: a file that had to move aside is still the one it was. */
export function conflictArtifact(path: string): ArtifactName | undefined {
  return parseArtifactPath(ownPath(path));
}

/**
 * Picks the conflicts that a person means: the one at a path, or all of an artifact, which a rename can leave at several paths.
 *
 * @throws {SyncError} `ARTIFACT_UNKNOWN`; `ARTIFACT_AMBIGUOUS` when several artifacts go by that name
 */
export function pickConflicts<T extends { readonly path: string }>(
  conflicts: readonly T[],
  asked: string,
): readonly T[] {
  const path = pathBelowCache(asked);
  const exact = conflicts.filter((conflict) => conflict.path === path);
  if (exact.length > 0) return exact;
  const named = conflicts.filter((conflict) => isNamed(ownPath(conflict.path), asked));
  const artifacts = new Set(named.map((conflict) => identity(conflict.path)));
  return artifacts.size === 1 ? named : [pickArtifact(conflicts, asked, 'conflict')];
}

/** How many artifacts conflicts are about: a Story that was renamed two ways is one, in conflict at three paths. */
export function countArtifacts(conflicts: readonly { readonly path: string }[]): number {
  return new Set(conflicts.map(({ path }) => identity(path))).size;
}

function identity(path: string): string {
  const { kind, id } = conflictArtifact(path) ?? { kind: undefined, id: '' };
  return id === '' ? path : `${kind}/${id}`;
}

/** The path without the `~label` of a file that another one is in the way of. */
function ownPath(path: string): string {
  return path.replace(/\.md~[^/]*$/, '.md');
}
