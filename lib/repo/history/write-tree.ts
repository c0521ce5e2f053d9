import { applyTreeEdits, type TreeEdit } from '../../core/object/edit-tree.js';
import type { Oid } from '../../core/object/oid.js';
import type { IdentifiedObject, PathBefore, Store } from '../../core/ports.js';

/**
 * Stores the tree that edits make of another.
 *
 * @throws {SyncError} `PATH_UNSAFE`
 * @see git-write-tree(1)
 */
export function writeTree(store: Store, root: Oid | null, edits: readonly TreeEdit[]): Oid {
  const { tree, objects } = applyTreeEdits(store.objects, root, edits);
  writeObjects(store, objects);
  return tree;
}

/** Stores the tree that has at some paths what the disk held there. */
export function treeWith(store: Store, tree: Oid, onDisk: readonly PathBefore[]): Oid {
  const edits = onDisk.map(({ path, oid }) => ({
    path,
    version: oid === null ? null : ({ mode: '100644', oid } as const),
  }));
  return writeTree(store, tree, edits);
}

/** Stores objects of our own making, all or none. */
export function writeObjects(store: Store, objects: readonly IdentifiedObject[]): void {
  if (objects.length === 0) return;
  store.transact(() => {
    for (const object of objects) store.objects.write(object);
  });
}
