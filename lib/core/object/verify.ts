import { SyncError } from '../errors.js';
import type { GitObject, IdentifiedObject } from '../ports.js';
import { checkReceivedCommit, decodeCommit } from './commit.js';
import { LIMITS } from './limits.js';
import { hashObject } from './oid.js';
import { checkReceivedTree, checkTree, decodeTree } from './tree.js';

/**
 * Checks an object that another party sent: size, hash, form, that every disk can hold a tree's names, and that a commit can be
 * shown.
 *
 * @param hash another implementation of {@link hashObject}, where there is a quicker one
 * @throws {SyncError} `OBJECT_TOO_LARGE`, `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`
 */
export function verifyObject(object: IdentifiedObject, hash: typeof hashObject = hashObject): void {
  checkHash(object, hash);
  checkReceived(object);
}

/**
 * Checks what {@link verifyObject} does besides size and hash.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function checkReceived({ type, body }: GitObject): void {
  if (type === 'tree') checkReceivedTree(decodeTree(body));
  else if (type === 'commit') checkReceivedCommit(decodeCommit(body));
}

/**
 * Checks an object that the store has, or that it needs by its id: size, hash and form. A name that only some disks cannot hold
 * is no damage: it may be older than the rule.
 *
 * @throws {SyncError} as {@link verifyObject}
 */
export function verifyStored(object: IdentifiedObject, hash: typeof hashObject = hashObject): void {
  checkHash(object, hash);
  if (object.type === 'tree') checkTree(decodeTree(object.body));
  else if (object.type === 'commit') decodeCommit(object.body);
}

function checkHash(object: IdentifiedObject, hash: typeof hashObject): void {
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
}
