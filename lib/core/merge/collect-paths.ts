import { joinTrees, sameVersion } from '../diff/join-trees.js';
import type { Oid } from '../object/oid.js';
import type { FileVersion, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';

/** A path and what each side has there; null for nothing, or for a folder. */
export interface PathVersions extends Sides<FileVersion | null> {
  readonly path: string;
}

/**
 * Lists the files that a merge has to decide on, reading only folders that differ: those where theirs changed
 * something, and all that are below or in the place of a path that is a file on one side and a folder on another.
 *
 * @param trees tree ids; null stands for the empty tree
 * @returns in byte order of path
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE`
 */
export function collectPaths(objects: ObjectReader, trees: Sides<Oid | null>): PathVersions[] {
  const collected: PathVersions[] = [];
  const visit = (folders: readonly ({ readonly oid: Oid } | null)[], prefix: string, all: boolean) => {
    const joined = joinTrees(objects, folders, prefix);
    const filesAndFolders = doubles(joined.map(({ path }) => path));
    for (const { path, folder, versions } of joined) {
      const [base, ours, theirs] = versions as [FileVersion | null, FileVersion | null, FileVersion | null];
      const every = all || filesAndFolders.has(path);
      if (!every && (sameVersion(ours, theirs) || sameVersion(base, theirs))) continue;
      if (folder) visit(versions, `${path}/`, every);
      else collected.push({ path, base, ours, theirs });
    }
  };
  const roots = [trees.base, trees.ours, trees.theirs].map((oid) => (oid === null ? null : { oid }));
  if (trees.ours !== trees.theirs && trees.base !== trees.theirs) visit(roots, '', false);
  return collected;
}

function doubles(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}
