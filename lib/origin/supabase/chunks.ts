import { SyncError } from '../../core/errors.js';
import type { IdentifiedObject } from '../../core/ports.js';

/** Bytes that one object takes in the first line of a pack, at most: `{"oid":"…","type":"commit","size":2097152},`. */
export const INDEX_BYTES = 96;

/**
 * Cuts the objects of a push, in their order, into groups whose packs fit into one request each.
 *
 * @param maxBytes what a request may hold besides the rest of its header
 * @returns at least one group, the last of which may be empty
 * @throws {SyncError} `OBJECT_TOO_LARGE` for an object that fits into no request
 */
export function planChunks(objects: readonly IdentifiedObject[], maxBytes: number): IdentifiedObject[][] {
  let chunk: IdentifiedObject[] = [];
  let bytes = 0;
  const chunks = [chunk];
  for (const object of objects) {
    const size = object.body.length + INDEX_BYTES;
    if (size > maxBytes) {
      throw new SyncError(
        'OBJECT_TOO_LARGE',
        `object ${object.oid} has ${object.body.length} bytes, which no push can carry`,
      );
    }
    if (bytes + size > maxBytes) {
      chunk = [];
      bytes = 0;
      chunks.push(chunk);
    }
    chunk.push(object);
    bytes += size;
  }
  return chunks;
}
