import { joinTrees, sameVersion } from '../diff/join-trees.js';
import type { MergedDirectories } from '../diff/rename-directory.js';
import type { Oid } from '../object/oid.js';
import type { FileVersion, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';
import { inHashOrder } from './git-hash-order.js';
import { otherSide, SIDES, type Side } from './side.js';

/** A path and what each side has there; null for nothing, or for a folder. */
export interface PathVersions extends Sides<FileVersion | null> {
  readonly path: string;
}

/**
 * Whether it matters where a directory went that a side removed: `yes` if the other side put new files right into it, which
 * may have to follow; `above` if it did so to one further up; else `no`.
 */
export type DirectoryNeed = 'yes' | 'above' | 'no';

/** What a side removed. */
export class Removals implements MergedDirectories {
  readonly directories = new Map<string, DirectoryNeed>();
  /** The files of which it matters where they went: for what the other side did to them, or only for their directory. */
  readonly sources = new Map<string, 'contents' | 'directory'>();

  isGone(directory: string): boolean {
    return this.directories.has(directory);
  }

  isAddedTo(directory: string): boolean {
    return this.directories.get(directory) === 'yes';
  }
}

/** What a merge has to look at. */
export interface CollectedPaths {
  /** Files that differ, those aside that both sides have and only ours, or both alike, changed; in git's order. */
  readonly paths: ReadonlyMap<string, PathVersions>;
  /** Folders of ours that theirs left as they were, and nobody had to look into. */
  readonly unread: readonly string[];
  /** Folders that only one side changed, as far as they were read. */
  readonly oneSided: Readonly<Record<Side, ReadonlySet<string>>>;
  /**
   * Whether git, having looked at three times as many names because of renames, begins again and looks only where it has to,
   * by the renames that it knows to matter.
   */
  readonly beginsAgain: boolean;
  readonly removals: Readonly<Record<Side, Removals>>;
}

type Versions = Sides<FileVersion | null>;
type Folders = Sides<Pick<FileVersion, 'oid'> | null>;

/** So many times more names make it worth while to git. */
const AGAIN = 3;

/** What is known of the folders above one. */
interface Above {
  /** The side that still has a folder on the way here which the other removed. */
  readonly keeper: Side | null;
  /** Whether the keeper put new files into it. */
  readonly needed: boolean;
}

/**
 * Lists the files that a merge has to look at, reading only folders that differ.
 *
 * @param trees tree ids; null stands for the empty tree
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE`
 */
export function collectPaths(objects: ObjectReader, trees: Sides<Oid | null>): CollectedPaths {
  const walk = new MergeWalk(objects);
  const root = (tree: Oid | null) => (tree === null ? null : { oid: tree });
  const { base, ours, theirs } = trees;
  if (ours !== theirs && base !== theirs) {
    const roots = { base: root(base), ours: root(ours), theirs: root(theirs) };
    walk.visit('', roots, { keeper: null, needed: false });
  }
  const before = walk.names;
  // Where a file of ours went can only be told among all the files that ours added; of theirs all are needed anyway.
  if (walk.removals.ours.sources.size > 0) walk.visitLeft('ours');
  const after = walk.names;
  walk.visitLeft('theirs');
  const seen = walk.removals.theirs.sources.size > 0 ? walk.names : after;
  const { paths, removals, oneSided } = walk;
  const unread = [...walk.left.ours].flatMap(([path, { ours }]) => (ours ? path : []));
  return { paths, unread, oneSided, beginsAgain: seen >= AGAIN * before, removals };
}

class MergeWalk {
  readonly paths = new Map<string, PathVersions>();
  readonly removals: Record<Side, Removals> = { ours: new Removals(), theirs: new Removals() };
  /** Folders that only one side changed: whether git looks into them depends on what it finds elsewhere. */
  readonly left: Record<Side, Map<string, Versions & { readonly above: Above }>> = {
    ours: new Map(),
    theirs: new Map(),
  };
  readonly oneSided: Record<Side, Set<string>> = { ours: new Set(), theirs: new Set() };
  /** How many names were looked at, of files and folders. */
  names = 0;
  readonly #objects: ObjectReader;
  #visitsLeftOf: Side | null = null;

  constructor(objects: ObjectReader) {
    this.#objects = objects;
  }

  visit(prefix: string, { base, ours, theirs }: Folders, above: Above): void {
    const joined = joinTrees(this.#objects, [base, ours, theirs], prefix);
    const entries = joined.entries.map(({ path, folder, versions }) => {
      const [base, ours, theirs] = versions as [FileVersion | null, FileVersion | null, FileVersion | null];
      return { path, folder, versions: { base, ours, theirs } };
    });
    this.names += joined.alike + new Set(entries.map(({ path }) => path)).size;
    const { keeper } = above;
    const files = new Map(entries.flatMap(({ path, folder, versions }) => (folder ? [] : [[path, versions]])));
    const got = keeper !== null && [...files.values()].some((versions) => isNewOnlyOn(keeper, versions));
    if (got) this.removals[otherSide(keeper)].directories.set(prefix.slice(0, -1), 'yes');
    const needed = above.needed || got;
    for (const { path, folder, versions } of entries) {
      if (folder) this.#visitFolder(path, versions, files.get(path), { keeper, needed });
      else this.#addFile(path, versions, needed);
    }
  }

  visitLeft(side: Side): void {
    this.#visitsLeftOf = side;
    for (const path of inHashOrder([...this.left[side].keys()])) {
      const { above, ...versions } = this.left[side].get(path)!;
      this.visit(`${path}/`, versions, above);
    }
    this.left[side].clear();
  }

  /** @param file what is a file in this place, where there are both */
  #visitFolder(path: string, versions: Versions, file: Versions | undefined, { keeper, needed }: Above): void {
    const { base, ours, theirs } = versions;
    if (sameVersion(base, ours) && sameVersion(base, theirs)) return;
    const removers = base ? SIDES.filter((side) => !versions[side]) : [];
    for (const side of removers) this.removals[side].directories.set(path, needed ? 'above' : 'no');
    const above = { keeper: removers.length === 1 && !needed ? otherSide(removers[0]!) : keeper, needed };
    const changer = SIDES.find((side) => isUnchangedOn(otherSide(side), versions, file));
    const isLeft = changer && !needed && !this.#visitsLeftOf;
    if (isLeft) this.left[changer].set(path, { ...versions, above });
    else this.visit(`${path}/`, versions, above);
    const onlyChanger = isLeft ? changer : this.#visitsLeftOf;
    if (onlyChanger) this.oneSided[onlyChanger].add(path);
  }

  #addFile(path: string, versions: Versions, needed: boolean): void {
    const { base, ours, theirs } = versions;
    if (base && ours && theirs && (sameVersion(ours, theirs) || sameVersion(base, theirs))) return;
    this.paths.set(path, { path, ...versions });
    if (!base) return;
    for (const side of SIDES) {
      if (versions[side]) continue;
      const changed = !sameVersion(base, versions[otherSide(side)]);
      if (changed || needed) this.removals[side].sources.set(path, changed ? 'contents' : 'directory');
    }
  }
}

function isNewOnlyOn(side: Side, versions: Versions): boolean {
  return versions[side] !== null && versions.base === null && versions[otherSide(side)] === null;
}

function isUnchangedOn(side: Side, folder: Versions, file: Versions | undefined): boolean {
  return sameVersion(folder.base, folder[side]) && (!file || sameVersion(file.base, file[side]));
}
