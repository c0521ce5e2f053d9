import { applyTreeEdits, type TreeEdit } from '../../core/object/edit-tree.js';
import type { Oid } from '../../core/object/oid.js';
import type { IdentifiedObject, PathBefore, Store } from '../../core/ports.js';

/**
 * Stores the tree that edits make of another.
 *
 * @param names `any` for a tree that is never committed, such as what a person has on disk
 * @throws {SyncError} `PATH_UNSAFE`
 * @see git-write-tree(1)
 */
export function writeTree(
  store: Store,
  root: Oid | null,
  edits: readonly TreeEdit[],
  names: 'portable' | 'any' = 'portable',
): Oid {
  const { tree, objects } = applyTreeEdits(store.objects, root, edits, names);
  writeObjects(store, objects);
  return tree;
}

/** Stores the tree that has at some paths what the disk held there. */
export function treeWith(store: Store, tree: Oid, onDisk: readonly PathBefore[]): Oid {
  const edits = onDisk.map(({ path, oid }) => ({
    path,
    version: oid === null ? null : ({ mode: '100644', oid } as const),
  }));
  return writeTree(store, tree, edits, 'any');
}

/** Stores objects of our own making, all or none. */
export function writeObjects(store: Store, objects: readonly IdentifiedObject[]): void {
  if (objects.length === 0) return;
  store.transact(() => {
    for (const object of objects) store.objects.write(object);
  });
}
