import { SyncError } from '../errors.js';
import { LIMITS } from '../object/limits.js';
import { readTree } from '../object/read.js';
import { compareUtf8 } from '../object/text.js';
import { isTree, type TreeEntry } from '../object/tree.js';
import type { FileVersion, ObjectReader } from '../ports.js';

/** What each of several trees has at one path: all files, or all folders. */
export interface JoinedEntry {
  readonly path: string;
  readonly folder: boolean;
  /** One per tree, in the order given; null where the tree has no such entry. */
  readonly versions: readonly (FileVersion | null)[];
}

/**
 * Reads several folders side by side, in byte order of path.
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
): JoinedEntry[] {
  if (prefix.split('/').length > LIMITS.pathDepth) {
    throw new SyncError('PATH_UNSAFE', `folder '${prefix.slice(0, 80)}…' is deeper than ${LIMITS.pathDepth} folders`);
  }
  const sides = trees.map((tree) => (tree ? readTree(objects, tree.oid) : []));
  const cursors = sides.map(() => 0);
  const joined: JoinedEntry[] = [];
  for (;;) {
    const key = smallest(sides.map((entries, i) => entries[cursors[i]!]));
    if (key === undefined) return joined;
    const versions = sides.map((entries, i) => {
      const entry = entries[cursors[i]!];
      if (!entry || sortKey(entry) !== key) return null;
      cursors[i]!++;
      return { mode: entry.mode, oid: entry.oid };
    });
    const folder = key.endsWith('/');
    joined.push({ path: prefix + (folder ? key.slice(0, -1) : key), folder, versions });
  }
}

/** Tells whether two versions of a path are the same, absence included. */
export function sameVersion(a: FileVersion | null, b: FileVersion | null): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function sortKey(entry: TreeEntry): string {
  return isTree(entry) ? `${entry.name}/` : entry.name;
}

function smallest(entries: readonly (TreeEntry | undefined)[]): string | undefined {
  let key: string | undefined;
  for (const entry of entries) {
    if (!entry) continue;
    const candidate = sortKey(entry);
    if (key === undefined || compareUtf8(candidate, key) < 0) key = candidate;
  }
  return key;
}
