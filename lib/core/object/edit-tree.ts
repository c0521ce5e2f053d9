import { SyncError } from '../errors.js';
import type { FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import { hashObject, type Oid } from './oid.js';
import { parsePath } from './path.js';
import { EMPTY_TREE, readTree } from './read.js';
import { encodeTree, isTree, type TreeEntry } from './tree.js';

/** One change to a tree: the file that `path` holds afterwards, or null for none. */
export interface TreeEdit {
  readonly path: string;
  readonly version: FileVersion | null;
}

/** A tree after edits, and the tree objects that were made for it (not yet stored). */
export interface EditedTree {
  readonly tree: Oid;
  readonly objects: readonly IdentifiedObject[];
}

/** The edits of one folder: at its own entries, and further down. */
interface FolderEdits {
  readonly entries: Map<string, FileVersion | null>;
  readonly folders: Map<string, FolderEdits>;
}

/**
 * Applies edits to a tree, reading and writing only the folders on the way to them.
 *
 * Folders left empty disappear, as in git. Removing what is not there changes nothing. Names that the tree has were checked
 * when they came; new ones are checked here.
 *
 * @param root the tree to start from; null for the empty tree
 * @throws {SyncError} `PATH_UNSAFE` for a path that may not stand in a tree, or that needs a file to be a folder
 */
export function applyTreeEdits(objects: ObjectReader, root: Oid | null, edits: readonly TreeEdit[]): EditedTree {
  const made = new Map<Oid, IdentifiedObject>();
  const store = (entries: readonly TreeEntry[]): Oid => {
    const body = encodeTree(entries);
    const oid = hashObject('tree', body);
    if (!objects.has(oid)) made.set(oid, { oid, type: 'tree', body });
    return oid;
  };

  const editFolder = (tree: Oid | null, folder: FolderEdits, prefix: string): Oid | null => {
    const entries = new Map((tree ? readTree(objects, tree) : []).map((entry) => [entry.name, entry]));
    for (const [name, version] of folder.entries) {
      if (version) {
        if (!entries.has(name)) parsePath(prefix + name);
        entries.set(name, { name, ...version });
      } else if (!isFolder(entries.get(name))) entries.delete(name);
    }
    for (const [name, below] of folder.folders) {
      const existing = entries.get(name);
      if (existing && !isTree(existing)) {
        if (!hasFiles(below)) continue;
        throw new SyncError('PATH_UNSAFE', `'${name}' cannot be both a file and a folder`);
      }
      const edited = editFolder(existing?.oid ?? null, below, `${prefix}${name}/`);
      if (edited) entries.set(name, { name, mode: '40000', oid: edited });
      else entries.delete(name);
    }
    return entries.size === 0 ? null : store([...entries.values()]);
  };

  const tree = edits.length === 0 ? (root ?? EMPTY_TREE) : (editFolder(root, groupByFolder(edits), '') ?? EMPTY_TREE);
  if (tree === EMPTY_TREE && !objects.has(EMPTY_TREE)) store([]);
  return { tree, objects: [...made.values()] };
}

function isFolder(entry: TreeEntry | undefined): boolean {
  return entry !== undefined && isTree(entry);
}

function hasFiles(folder: FolderEdits): boolean {
  return (
    [...folder.entries.values()].some((version) => version !== null) || [...folder.folders.values()].some(hasFiles)
  );
}

function groupByFolder(edits: readonly TreeEdit[]): FolderEdits {
  const root: FolderEdits = { entries: new Map(), folders: new Map() };
  for (const { path, version } of edits) {
    const names = path.split('/');
    let folder = root;
    for (const name of names.slice(0, -1)) {
      const below = folder.folders.get(name) ?? { entries: new Map(), folders: new Map() };
      folder.folders.set(name, below);
      folder = below;
    }
    folder.entries.set(names.at(-1)!, version);
  }
  return root;
}
