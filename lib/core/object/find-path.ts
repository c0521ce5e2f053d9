import type { FileVersion, ObjectReader } from '../ports.js';
import type { Oid } from './oid.js';
import { readTree } from './read.js';
import { isTree } from './tree.js';

/**
 * Looks up one path in a tree, reading only the folders on the way.
 *
 * @returns undefined when the tree has no such entry; a folder is found as well
 * @throws {SyncError} `OBJECT_NOT_FOUND`
 */
export function findPath(objects: ObjectReader, tree: Oid, path: string): FileVersion | undefined {
  let found: FileVersion = { mode: '40000', oid: tree };
  for (const name of path.split('/')) {
    if (!isTree(found)) return undefined;
    const entry = readTree(objects, found.oid).find((candidate) => candidate.name === name);
    if (!entry) return undefined;
    found = { mode: entry.mode, oid: entry.oid };
  }
  return found;
}

/**
 * Looks up a file; null for a folder, or where there is nothing, or no tree.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`
 */
export function findFile(objects: ObjectReader, tree: Oid | null, path: string): FileVersion | null {
  const found = tree === null ? undefined : findPath(objects, tree, path);
  return found && !isTree(found) ? found : null;
}

/**
 * Lists every file of a tree with its path, in git's order.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`
 */
export function* listFiles(
  objects: ObjectReader,
  tree: Oid,
  prefix = '',
): Generator<FileVersion & { readonly path: string }> {
  for (const entry of readTree(objects, tree)) {
    const path = prefix + entry.name;
    if (isTree(entry)) yield* listFiles(objects, entry.oid, `${path}/`);
    else yield { path, mode: entry.mode, oid: entry.oid };
  }
}
