import { SyncError } from '../errors.js';
import type { FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import { EntryFinder, type EntryPlace, type FoundEntry } from './find-entry.js';
import { hashObject, type Oid } from './oid.js';
import { parsePath } from './path.js';
import { foldName, requirePortable } from './portable-name.js';
import { EMPTY_TREE, readTreeBody } from './read.js';
import { concatBytes } from './text.js';
import { compareEntries, encodeTree, isTree, type TreeEntry } from './tree.js';

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

/** What becomes of one entry of a folder. */
interface EntryChange {
  readonly before: FoundEntry | undefined;
  readonly after: TreeEntry | null;
}

/** Bytes `start` to `end` of a tree's body, and what takes their place. */
interface Splice extends EntryPlace {
  readonly after: TreeEntry | null;
}

const NOTHING = new Uint8Array(0);

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
 * @param names `any` for a tree that nobody will receive: no new name is refused because of what other disks can hold
 * @throws {SyncError} `PATH_UNSAFE` for a path that may not stand in a tree, or that needs a file to be a folder
 */
export function applyTreeEdits(
  objects: ObjectReader,
  root: Oid | null,
  edits: readonly TreeEdit[],
  names: 'portable' | 'any' = 'portable',
): EditedTree {
  const made = new Map<Oid, IdentifiedObject>();
  const store = (body: Uint8Array): Oid => {
    const oid = hashObject('tree', body);
    if (!objects.has(oid)) made.set(oid, { oid, type: 'tree', body });
    return oid;
  };

  const editFolder = (tree: Oid | null, folder: FolderEdits, prefix: string): Oid | null => {
    const body = tree ? readTreeBody(objects, tree) : NOTHING;
    const finder = new EntryFinder(body);
    const changes = new Map<string, EntryChange>();
    const now = (name: string): EntryChange => {
      const found = finder.find(name);
      return changes.get(name) ?? { before: found, after: found?.entry ?? null };
    };
    for (const [name, version] of folder.entries) {
      const { before, after } = now(name);
      if (version) {
        if (!before) {
          parsePath(prefix + name);
          if (names === 'portable') requirePortable(prefix + name);
        }
        changes.set(name, { before, after: { name, ...version } });
      } else if (after && !isTree(after)) changes.set(name, { before, after: null });
    }
    for (const [name, below] of folder.folders) {
      const { before, after } = now(name);
      if (after && !isTree(after)) {
        if (!hasFiles(below)) continue;
        throw new SyncError('PATH_UNSAFE', `'${name}' cannot be both a file and a folder`);
      }
      const oid = editFolder(after?.oid ?? null, below, `${prefix}${name}/`);
      changes.set(name, { before, after: oid === null ? null : { name, mode: '40000', oid } });
    }
    if (names === 'portable') refuseTwins(finder, changes, prefix);
    const edited = changeEntries(body, finder, [...changes.values()]);
    return edited.length === 0 ? null : store(edited);
  };

  const tree = edits.length === 0 ? (root ?? EMPTY_TREE) : (editFolder(root, groupByFolder(edits), '') ?? EMPTY_TREE);
  if (tree === EMPTY_TREE && !objects.has(EMPTY_TREE)) store(NOTHING);
  return { tree, objects: [...made.values()] };
}

/** Refuses a new name that some disk takes for another one of the folder. Twins that it has already may stay. */
function refuseTwins(finder: EntryFinder, changes: ReadonlyMap<string, EntryChange>, prefix: string): void {
  const added = [...changes].flatMap(([name, { before, after }]) => (!before && after ? [name] : []));
  if (added.length === 0) return;
  const taken = new Map<string, string>();
  for (const name of finder.names()) if (changes.get(name)?.after !== null) taken.set(foldName(name), name);
  for (const name of added) {
    const twin = taken.get(foldName(name));
    if (twin !== undefined) {
      throw new SyncError(
        'PATH_UNSAFE',
        `'${prefix}${twin}' and '${prefix}${name}' cannot be in one folder: some disks take them for one name`,
        {
          hint: 'They differ only in case, in how an accent is written, or in a character without width. Rename one of them.',
        },
      );
    }
    taken.set(foldName(name), name);
  }
}

/** Makes the body of a tree from that of another, whose other entries are copied as they are. */
function changeEntries(body: Uint8Array, finder: EntryFinder, changes: readonly EntryChange[]): Uint8Array {
  const splices = changes.flatMap(({ before, after }): Splice[] => {
    const sameKind = before && after && isTree(before.entry) === isTree(after);
    if (sameKind) return [{ start: before.start, end: before.end, after }];
    const added = after && finder.placeOf(after);
    return [
      ...(before ? [{ start: before.start, end: before.end, after: null }] : []),
      ...(added === null ? [] : [{ start: added, end: added, after }]),
    ];
  });
  // At the same place, what is added comes in git's order, and before what was there.
  splices.sort((a, b) => a.start - b.start || a.end - b.end || compareAdded(a.after, b.after));
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const { start, end, after } of splices) {
    parts.push(body.subarray(copied, start));
    if (after) parts.push(encodeTree([after]));
    copied = end;
  }
  return concatBytes([...parts, body.subarray(copied)]);
}

function compareAdded(a: TreeEntry | null, b: TreeEntry | null): number {
  return a && b ? compareEntries(a, b) : 0;
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
