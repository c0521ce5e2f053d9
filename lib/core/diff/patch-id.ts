import { hashObject, type Oid } from '../object/oid.js';
import { readBlob } from '../object/read.js';
import { concatBytes, encodeUtf8 } from '../object/text.js';
import type { ObjectReader } from '../ports.js';
import { diffFile, type FileDiff, splitTypeChange } from './diff-file.js';
import type { TreeChange } from './diff-trees.js';

/**
 * An id of what changes do: the same for a patch that was applied elsewhere, whatever lines it moved to there.
 *
 * White space does not count.
 *
 * @param changes in byte order of path
 * @throws {SyncError} `OBJECT_NOT_FOUND`
 * @see git-patch-id(1)
 */
export function patchId(objects: ObjectReader, changes: readonly TreeChange[]): Oid {
  const diffs = changes.flatMap(splitTypeChange).map((change) => diffFile(change, ({ oid }) => readBlob(objects, oid)));
  return hashObject('blob', concatBytes(diffs.flatMap(essence)));
}

/** The parts of a patch that say what it does: the file, how it comes or goes, and the lines with those around them. */
function essence({ path, before, after, binary, hunks }: FileDiff): Uint8Array[] {
  const change = !before ? `added ${after?.mode}` : !after ? `deleted ${before.mode}` : 'modified';
  const ids = binary ? ` ${before?.oid} ${after?.oid}` : '';
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return [
    encodeUtf8(`${path}\0${change}${ids}\n`),
    ...lines.flatMap(({ sign, bytes }) => [encodeUtf8(sign), bytes.filter((byte) => !isSpace(byte)), LINE_END]),
  ];
}

const LINE_END = encodeUtf8('\n');

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
