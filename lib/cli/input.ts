import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SyncError } from '../core/errors.js';
import { LIMITS } from '../core/object/limits.js';

/** Lists of paths may be longer than one document. */
const MOST_BYTES = 16 * LIMITS.objectBytes;

/**
 * Reads a stream to its end.
 *
 * @throws {SyncError} `FILE_TOO_LARGE` as soon as it is more than any input could be
 */
export async function readAll(stream: Readable): Promise<Buffer> {
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_BYTES) {
      stream.destroy(new SyncError('FILE_TOO_LARGE', `standard input has more than ${MOST_BYTES} bytes`));
    }
  });
  return buffer(stream);
}
