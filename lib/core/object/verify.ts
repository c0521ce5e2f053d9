import { SyncError } from '../errors.js';
import type { IdentifiedObject } from '../ports.js';
import { LIMITS } from './limits.js';
import { hashObject } from './oid.js';
import { references } from './read.js';
import { checkTree, decodeTree } from './tree.js';

/**
 * Checks an object that another party sent: size, hash, that it parses, and that a tree's names are safe.
 *
 * @param hash another implementation of {@link hashObject}, where there is a quicker one
 * @throws {SyncError} `OBJECT_TOO_LARGE`, `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`
 */
export function verifyObject(object: IdentifiedObject, hash: typeof hashObject = hashObject): void {
  if (object.body.length > LIMITS.objectBytes) {
    throw new SyncError(
      'OBJECT_TOO_LARGE',
      `object ${object.oid} has ${object.body.length} bytes; the limit is ${LIMITS.objectBytes}`,
    );
  }
  const actual = hash(object.type, object.body);
  if (actual !== object.oid) {
    throw new SyncError('OBJECT_HASH_MISMATCH', `object ${object.oid} has the contents of ${actual}`, {
      hint: 'It was damaged or forged on the way; nothing of it was kept. Try again, and tell whoever runs the origin if it stays.',
    });
  }
  if (object.type === 'tree') checkTree(decodeTree(object.body));
  else references(object);
}
