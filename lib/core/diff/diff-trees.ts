import type { Oid } from '../object/oid.js';
import type { FileVersion, ObjectReader } from '../ports.js';
import { joinTrees, sameVersion } from './join-trees.js';

/** A file that two trees have differently; null where a tree does not have it. */
export interface TreeChange {
  readonly path: string;
  readonly before: FileVersion | null;
  readonly after: FileVersion | null;
}

/**
 * Lists the files that differ between two trees, reading only the folders that do.
 *
 * A file that becomes a folder is a removed file and added ones below it. Renames are not looked for.
 *
 * @param before,after tree ids; null stands for the empty tree
 * @param prefix put before every path, for trees that are themselves a folder: empty, or ending in `/`
 * @returns the changes in byte order of path
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE`
 */
export function diffTrees(objects: ObjectReader, before: Oid | null, after: Oid | null, prefix = ''): TreeChange[] {
  if (before === after) return [];
  const trees = [before, after].map((oid) => (oid === null ? null : { oid }));
  return joinTrees(objects, trees, prefix).entries.flatMap(({ path, folder, versions }) => {
    const [a, b] = versions as [FileVersion | null, FileVersion | null];
    if (folder) return diffTrees(objects, a?.oid ?? null, b?.oid ?? null, `${path}/`);
    return sameVersion(a, b) ? [] : [{ path, before: a, after: b }];
  });
}
