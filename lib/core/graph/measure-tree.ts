import { SyncError } from '../errors.js';
import { LIMITS } from '../object/limits.js';
import { OID_BYTES, type Oid, oidFromBytes } from '../object/oid.js';
import { readTreeBody } from '../object/read.js';
import { entryEnd } from '../object/tree.js';
import type { ObjectReader } from '../ports.js';

/** What a tree comes to with all that is below it. */
interface TreeMeasure {
  /** Trees one below the other. */
  readonly depth: number;
  /** Bytes of trees, each as often as a path leads to it. */
  readonly bytes: number;
}

/** The first digit of a folder's mode; every other begins with 1. */
const FOLDER = 0x34;

/**
 * Refuses trees that few bytes make endless: folders in folders without end, or the same folder many times in each of many.
 *
 * Every tree is read once, however often it is named, and no further down than a path may go.
 *
 * @returns a check for the trees of commits, one after the other, that remembers what it has seen
 * @throws {SyncError} `PATH_UNSAFE`; `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function treeGauge(objects: ObjectReader): (tree: Oid) => void {
  const known = new Map<Oid, TreeMeasure>();
  const measure = (tree: Oid, level: number): TreeMeasure => {
    const before = known.get(tree);
    if (before) return before;
    if (level > LIMITS.pathDepth) throw unbounded(`is deeper than ${LIMITS.pathDepth} folders`);
    const body = readTreeBody(objects, tree);
    let depth = 0;
    let bytes = body.length;
    for (const folder of foldersOf(body)) {
      const below = measure(folder, level + 1);
      depth = Math.max(depth, below.depth);
      bytes += below.bytes;
    }
    const measured = { depth: depth + 1, bytes };
    if (measured.depth > LIMITS.pathDepth) throw unbounded(`is deeper than ${LIMITS.pathDepth} folders`);
    if (bytes > LIMITS.treeBytes) throw unbounded('holds more files than any disk should');
    known.set(tree, measured);
    return measured;
  };
  return (tree) => void measure(tree, 1);
}

function* foldersOf(body: Uint8Array): Generator<Oid> {
  for (let at = 0; at < body.length; ) {
    const end = entryEnd(body, at);
    if (body[at] === FOLDER) yield oidFromBytes(body.subarray(end - OID_BYTES, end));
    at = end;
  }
}

function unbounded(what: string): SyncError {
  return new SyncError('PATH_UNSAFE', `a tree ${what}`);
}
