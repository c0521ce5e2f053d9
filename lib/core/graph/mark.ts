import type { Oid } from '../object/oid.js';
import { EMPTY_TREE, references } from '../object/read.js';
import type { ObjectReader } from '../ports.js';
import type { ObjectName } from './reachable.js';

/**
 * Adds to `marked` the roots and all that they need, each commit and tree read once and no blob at all.
 *
 * @param marked what was marked already is taken to be marked with all that it needs
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED` where a root, or a commit or tree that it needs, cannot be read:
 *   what lies behind it is then unknown
 */
export function markReachable(objects: ObjectReader, roots: Iterable<ObjectName>, marked: Set<Oid>): void {
  const pending: Oid[] = [];
  const mark = ({ oid, type }: ObjectName) => {
    if (marked.has(oid)) return;
    marked.add(oid);
    // The empty tree needs not be stored.
    if (type !== 'blob' && oid !== EMPTY_TREE) pending.push(oid);
  };
  for (const root of roots) mark(root);
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const reference of references(objects.read(oid))) mark(reference);
  }
}
