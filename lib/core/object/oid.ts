import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { SyncError } from '../errors.js';
import type { ObjectType } from '../ports.js';
import { encodeUtf8 } from './text.js';

/** A git object id: 40 lowercase hexadecimal digits (SHA-1). */
export type Oid = string;

/** The id that stands for no object, in git's reflogs and protocols. */
export const NULL_OID: Oid = '0'.repeat(40);

/** Bytes in a binary object id. */
export const OID_BYTES = 20;

const OID_PATTERN = /^[0-9a-f]{40}$/;

/** Tells whether `text` is a complete object id. */
export function isOid(text: string): boolean {
  return OID_PATTERN.test(text);
}

/**
 * Checks that `text` is a complete object id.
 *
 * @throws {SyncError} `OID_INVALID`
 */
export function parseOid(text: string): Oid {
  if (!isOid(text)) throw new SyncError('OID_INVALID', `'${text}' is not an object id (40 hexadecimal digits)`);
  return text;
}

/**
 * Computes the id git gives an object: SHA-1 over `<type> <size>\0` and the body.
 *
 * @see gitformat-loose(5), git-hash-object(1)
 */
export function hashObject(type: ObjectType, body: Uint8Array): Oid {
  return bytesToHex(
    sha1
      .create()
      .update(encodeUtf8(`${type} ${body.length}\0`))
      .update(body)
      .digest(),
  );
}

/** The 20 bytes of an object id. */
export function oidToBytes(oid: Oid): Uint8Array {
  return hexToBytes(oid);
}

/** The object id in 20 bytes. */
export function oidFromBytes(bytes: Uint8Array): Oid {
  return bytesToHex(bytes);
}
