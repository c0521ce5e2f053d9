import { hashObject, type Oid } from '../object/oid.js';
import { encodeUtf8 } from '../object/text.js';

const MARK = '[erased] ';
const PATTERN = /^\[erased\] ([0-9a-f]{40})\n$/;
const LENGTH = MARK.length + 40 + 1;

/**
 * What is read in place of an erased blob, in the store, at the origin and on disk: `[erased]`, and the id that it keeps.
 *
 * The id is in it so that a file which shows it is known to be that blob, unchanged, wherever it lies.
 */
export function tombstoneOf(oid: Oid): Uint8Array {
  return encodeUtf8(`${MARK}${oid}\n`);
}

/** The id that a tombstone stands for; undefined for any other text. Whether that was erased, only a record tells. */
export function readTombstone(body: Uint8Array): Oid | undefined {
  // Every file on disk comes by here.
  if (body.length !== LENGTH || body[0] !== 0x5b) return undefined;
  return PATTERN.exec(String.fromCharCode(...body))?.[1];
}

/** The blob that the bytes of a file stand for: themselves, or what was erased. */
export function blobOnDisk(bytes: Uint8Array): Oid {
  return readTombstone(bytes) ?? hashObject('blob', bytes);
}
