import { applyTreeEdits, type TreeEdit } from '../core/object/edit-tree.js';
import type { Oid } from '../core/object/oid.js';
import type { IdentifiedObject, Store } from '../core/ports.js';

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

/** Stores objects of our own making, all or none. */
export function writeObjects(store: Store, objects: readonly IdentifiedObject[]): void {
  if (objects.length === 0) return;
  store.transact(() => {
    for (const object of objects) store.objects.write(object);
  });
}
