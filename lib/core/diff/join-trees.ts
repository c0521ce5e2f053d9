import { SyncError } from '../errors.js';
import { LIMITS } from '../object/limits.js';
import { readTreeBody } from '../object/read.js';
import { compareUtf8 } from '../object/text.js';
import { decodeEntry, entryEnd, isTree, type TreeEntry } from '../object/tree.js';
import type { FileVersion, ObjectReader } from '../ports.js';

/** What each of several trees has at one path: all files, or all folders. */
export interface JoinedEntry {
  readonly path: string;
  readonly folder: boolean;
  /** One per tree, in the order given; null where the tree has no such entry. */
  readonly versions: readonly (FileVersion | null)[];
}

/** What several folders have, side by side. */
export interface JoinedTrees {
  /** What they do not all have alike, in byte order of path. */
  readonly entries: readonly JoinedEntry[];
  /** How many entries all of them have alike. */
  readonly alike: number;
}

/**
 * Reads several folders side by side, without decoding what all of them have alike.
 *
 * A name that is a file in one tree and a folder in another gives two entries, the file first.
 *
 * @param trees one per side: the entry of a folder, or null where the side has none
 * @param prefix put before every name: empty, or ending in `/`
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE` (deeper than folders may be)
 */
export function joinTrees(
  objects: ObjectReader,
  trees: readonly (Pick<FileVersion, 'oid'> | null)[],
  prefix: string,
): JoinedTrees {
  if (prefix.split('/').length > LIMITS.pathDepth) {
    throw new SyncError('PATH_UNSAFE', `folder '${prefix.slice(0, 80)}…' is deeper than ${LIMITS.pathDepth} folders`);
  }
  const cursors = trees.map((tree) => new TreeCursor(tree ? readTreeBody(objects, tree.oid) : NO_ENTRIES));
  const entries: JoinedEntry[] = [];
  let alike = 0;
  for (;;) {
    alike += skipAlike(cursors);
    const key = smallest(cursors.map((cursor) => cursor.key()));
    if (key === undefined) return { entries, alike };
    const versions = cursors.map((cursor) => (cursor.key() === key ? cursor.take() : null));
    const folder = key.endsWith('/');
    entries.push({ path: prefix + (folder ? key.slice(0, -1) : key), folder, versions });
  }
}

const NO_ENTRIES = new Uint8Array(0);

/** A place in a tree's body. */
class TreeCursor {
  readonly body: Uint8Array;
  at = 0;
  #entry: TreeEntry | undefined;
  #end = 0;

  constructor(body: Uint8Array) {
    this.body = body;
  }

  /** What the entry here is sorted by; undefined at the end. */
  key(): string | undefined {
    if (this.at === this.body.length) return undefined;
    if (!this.#entry) {
      this.#end = entryEnd(this.body, this.at);
      this.#entry = decodeEntry(this.body, this.at, this.#end);
    }
    return isTree(this.#entry) ? `${this.#entry.name}/` : this.#entry.name;
  }

  take(): FileVersion {
    const { mode, oid } = this.#entry!;
    this.#entry = undefined;
    this.at = this.#end;
    return { mode, oid };
  }

  skip(bytes: number): void {
    if (bytes > 0) this.#entry = undefined;
    this.at += bytes;
  }
}

/** Skips entries as long as all trees have the same bytes; answers how many. */
function skipAlike(cursors: readonly TreeCursor[]): number {
  const [first] = cursors;
  let skipped = 0;
  let bytes = 0;
  // Most of what is read of a large folder goes through here.
  while (first && first.at + bytes < first.body.length) {
    const start = first.at + bytes;
    const length = entryEnd(first.body, start) - start;
    for (let i = 1; i < cursors.length; i++) {
      const other = cursors[i]!;
      if (hasSameBytes(first.body, start, other.body, other.at + bytes, length)) continue;
      for (const cursor of cursors) cursor.skip(bytes);
      return skipped;
    }
    bytes += length;
    skipped++;
  }
  for (const cursor of cursors) cursor.skip(bytes);
  return skipped;
}

function hasSameBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  if (bStart + length > b.length) return false;
  // From behind: of entries with the same name it is the id that differs.
  for (let i = length - 1; i >= 0; i--) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Tells whether two versions of a path are the same, absence included. */
export function sameVersion(a: FileVersion | null, b: FileVersion | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function smallest(keys: readonly (string | undefined)[]): string | undefined {
  let least: string | undefined;
  for (const key of keys) {
    if (key !== undefined && (least === undefined || compareUtf8(key, least) < 0)) least = key;
  }
  return least;
}
