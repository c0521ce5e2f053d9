import { SyncError } from '../errors.js';
import type { GitObject, ObjectReader, ObjectType } from '../ports.js';
import { type Commit, decodeCommit } from './commit.js';
import type { Oid } from './oid.js';
import { decodeTree, isTree, type TreeEntry } from './tree.js';

/** The id of the tree without entries. */
export const EMPTY_TREE: Oid = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The id of the empty file. */
export const EMPTY_BLOB: Oid = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/**
 * Reads a commit.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED` (also for an object of another type)
 */
export function readCommit(objects: ObjectReader, oid: Oid): Commit {
  return decodeCommit(readBody(objects, oid, 'commit'));
}

/**
 * Reads a tree's entries; the empty tree needs not be stored.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED` (also for an object of another type)
 */
export function readTree(objects: ObjectReader, oid: Oid): readonly TreeEntry[] {
  const kept = keepTree(objects, oid);
  kept.entries ??= decodeTree(kept.body);
  return kept.entries;
}

/**
 * Reads a tree without decoding it.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED` (for an object of another type)
 */
export function readTreeBody(objects: ObjectReader, oid: Oid): Uint8Array {
  return keepTree(objects, oid).body;
}

interface KeptTree {
  readonly body: Uint8Array;
  entries?: readonly TreeEntry[];
}

/** One commit reads the trees on its way a dozen times, and a walk each one twice; what an id names never changes. */
const KEPT_TREES = 256;
const keptTrees = new WeakMap<ObjectReader, Map<Oid, KeptTree>>();

function keepTree(objects: ObjectReader, oid: Oid): KeptTree {
  if (oid === EMPTY_TREE) return { body: new Uint8Array(0), entries: [] };
  const kept = keptTrees.get(objects) ?? new Map<Oid, KeptTree>();
  keptTrees.set(objects, kept);
  const known = kept.get(oid);
  // A transaction that was undone may have taken the tree with it.
  if (known && objects.has(oid)) return known;
  const tree: KeptTree = { body: readBody(objects, oid, 'tree') };
  if (kept.size >= KEPT_TREES) kept.clear();
  kept.set(oid, tree);
  return tree;
}

/**
 * Reads a blob's bytes.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED` (for an object of another type)
 */
export function readBlob(objects: ObjectReader, oid: Oid): Uint8Array {
  return readBody(objects, oid, 'blob');
}

/** What an object names: a commit its tree and parents, a tree its entries (submodules aside). */
export function references(object: GitObject): { readonly oid: Oid; readonly type: ObjectType }[] {
  switch (object.type) {
    case 'blob':
      return [];
    case 'tree':
      return decodeTree(object.body)
        .filter((entry) => entry.mode !== '160000')
        .map((entry) => ({ oid: entry.oid, type: isTree(entry) ? 'tree' : 'blob' }));
    case 'commit': {
      const commit = decodeCommit(object.body);
      return [{ oid: commit.tree, type: 'tree' }, ...commit.parents.map((oid) => ({ oid, type: 'commit' as const }))];
    }
  }
}

function readBody(objects: ObjectReader, oid: Oid, type: ObjectType): Uint8Array {
  const object = objects.read(oid);
  if (object.type !== type) throw new SyncError('OBJECT_MALFORMED', `object ${oid} is a ${object.type}, not a ${type}`);
  return object.body;
}
