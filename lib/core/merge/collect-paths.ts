import { joinTrees, sameVersion } from '../diff/join-trees.js';
import type { MergedDirectories } from '../diff/rename-directory.js';
import type { Oid } from '../object/oid.js';
import type { FileVersion, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';
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
  /** Files that differ, those aside that both sides have and only ours, or both alike, changed. */
  readonly paths: ReadonlyMap<string, PathVersions>;
  /** Folders of ours that theirs left as they were, and nobody had to look into. */
  readonly unread: readonly string[];
  /** Folders that came whole from one side, so that git did not look into them. */
  readonly whole: ReadonlySet<string>;
  readonly removals: Readonly<Record<Side, Removals>>;
}

type Versions = Sides<FileVersion | null>;
type Folders = Sides<Pick<FileVersion, 'oid'> | null>;

/** What is known of the folders above one. */
interface Above {
  /** The side that still has a folder on the way here which the other removed. */
  readonly keeper: Side | null;
  /** Whether the keeper put new files into it. */
  readonly needed: boolean;
  /** Whether only theirs changed it. */
  readonly whole: boolean;
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
    walk.visit('', roots, { keeper: null, needed: false, whole: base === ours });
  }
  // Where a file of ours went can only be told among all the files that ours added.
  if (walk.removals.ours.sources.size > 0) walk.visitUnread();
  const { paths, removals } = walk;
  const unread = [...walk.unread].flatMap(([path, { ours }]) => (ours ? path : []));
  const whole = new Set([...unread, ...(removals.theirs.sources.size === 0 ? walk.whole : [])]);
  return { paths, unread, whole, removals };
}

class MergeWalk {
  readonly paths = new Map<string, PathVersions>();
  readonly unread = new Map<string, Versions & { readonly above: Above }>();
  readonly whole = new Set<string>();
  readonly removals: Record<Side, Removals> = { ours: new Removals(), theirs: new Removals() };
  readonly #objects: ObjectReader;
  #readAll = false;

  constructor(objects: ObjectReader) {
    this.#objects = objects;
  }

  visit(prefix: string, { base, ours, theirs }: Folders, above: Above): void {
    const entries = joinTrees(this.#objects, [base, ours, theirs], prefix).map(({ path, folder, versions }) => {
      const [base, ours, theirs] = versions as [FileVersion | null, FileVersion | null, FileVersion | null];
      return { path, folder, versions: { base, ours, theirs } };
    });
    const { keeper, whole } = above;
    const gotFiles = ({ folder, versions }: (typeof entries)[number]) =>
      !folder && keeper !== null && isNewOnlyOn(keeper, versions);
    const got = entries.some(gotFiles);
    if (keeper && got) this.removals[otherSide(keeper)].directories.set(prefix.slice(0, -1), 'yes');
    const needed = above.needed || got;
    for (const { path, folder, versions } of entries) {
      if (folder) this.#visitFolder(path, versions, { keeper, needed, whole });
      else this.#addFile(path, versions, needed);
    }
  }

  visitUnread(): void {
    this.#readAll = true;
    for (const [path, { above, ...versions }] of this.unread) this.visit(`${path}/`, versions, above);
    this.unread.clear();
  }

  #visitFolder(path: string, versions: Versions, above: Above): void {
    const { base, ours, theirs } = versions;
    if (sameVersion(base, ours) && sameVersion(base, theirs)) return;
    const { needed } = above;
    const removers = base ? SIDES.filter((side) => !versions[side]) : [];
    for (const side of removers) this.removals[side].directories.set(path, needed ? 'above' : 'no');
    const keeper = removers.length === 1 && !needed ? otherSide(removers[0]!) : above.keeper;
    const whole = !needed && (above.whole || sameVersion(base, ours));
    if (whole) this.whole.add(path);
    const inside = { keeper, needed, whole };
    if (!this.#readAll && !needed && sameVersion(base, theirs)) this.unread.set(path, { ...versions, above: inside });
    else this.visit(`${path}/`, versions, inside);
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
