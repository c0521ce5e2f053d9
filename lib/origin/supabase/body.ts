import { invalidAnswer } from './answers.js';

/** No answer is longer: a page has about 3 MB of objects and a line that lists them. */
const MOST_BYTES = 64_000_000;

/**
 * Reads the body of an answer, as long as it is of a length that an answer can have, also where it is compressed.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`, as soon as it is known to be longer
 */
export async function readBody({ body, headers }: Response): Promise<Buffer> {
  if (Number(headers.get('content-length')) > MOST_BYTES) {
    await body?.cancel();
    throw invalidAnswer('more than any answer has');
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw invalidAnswer('more than any answer has');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
