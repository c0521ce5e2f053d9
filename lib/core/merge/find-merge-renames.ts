import type { Rename } from '../diff/find-renames.js';
import { foldersAbove } from '../diff/rename-directory.js';
import { findFile, findPath } from '../object/find-path.js';
import type { Oid } from '../object/oid.js';
import type { ObjectReader } from '../ports.js';
import type { CollectedPaths } from './collect-paths.js';
import type { Sides } from './combine.js';
import { type DirectoryRenames, decideDirectories } from './directory-renames.js';
import { followDirectories, listFollowers } from './follow-directories.js';
import type { MergeMessage } from './merge-message.js';
import type { MergePaths } from './merge-paths.js';
import { SIDES, type Side } from './side.js';
import { findSideRenames } from './side-renames.js';

/** Which renames are looked for; what is left out is as in git. */
export interface RenameSettings {
  /** Whether what one side put into a directory that the other renamed follows it; `conflict`, the default, asks a person. */
  readonly directoryRenames?: 'conflict' | boolean;
  /** If there are more pairs of files to compare than the square of this, only equal ones are paired; 7000 by default, 0 for no limit. */
  readonly renameLimit?: number;
}

/** The renames of both sides, those of directories followed. */
export interface MergeRenames {
  readonly renames: Readonly<Record<Side, readonly Rename[]>>;
  /** Folders that came whole from one side, so that git did not look into them. */
  readonly whole: ReadonlySet<string>;
  readonly messages: readonly MergeMessage[];
  /** False for a conflict about a directory that leaves no path unmerged. */
  readonly clean: boolean;
}

interface RenameGround extends RenameSettings {
  readonly labels: Sides<string>;
  readonly depth?: number;
}

/**
 * Finds what both sides renamed, and moves the files that have to follow renamed directories.
 *
 * @param paths is changed
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function findMergeRenames(
  objects: ObjectReader,
  paths: MergePaths,
  collected: CollectedPaths,
  trees: Sides<Oid | null>,
  { labels, depth = 0, directoryRenames = 'conflict', renameLimit = 7000 }: RenameGround,
): MergeRenames {
  const own = findSideRenames(objects, collected, 'ours', renameLimit);
  const other = findSideRenames(objects, collected, 'theirs', renameLimit);
  const renames = { ours: own.followed, theirs: other.followed };
  const whole = wholeFolders(collected, renames);
  if (directoryRenames === false || depth > 0) return { renames, whole, messages: [], clean: true };
  const ours = decideDirectories(own.found, collected.removals.ours);
  const theirs = decideDirectories(other.found, collected.removals.theirs);
  const fileAt = (side: keyof typeof trees, path: string) => findFile(objects, trees[side], path);
  const renamed = { ours: without(ours.renamed, theirs.renamed), theirs: without(theirs.renamed, ours.renamed) };
  const context = {
    labels,
    suggest: directoryRenames === 'conflict',
    renamed,
    followers: {
      ours: listFollowers(paths, 'ours', renamed.theirs),
      theirs: listFollowers(paths, 'theirs', renamed.ours),
    },
    isTaken: (side: Side, path: string) =>
      whole.has(path) || (trees[side] !== null && findPath(objects, trees[side], path) !== undefined),
    filesAt: (path: string) => ({
      base: fileAt('base', path),
      ours: fileAt('ours', path),
      theirs: fileAt('theirs', path),
    }),
  };
  const split = [...ours.split, ...theirs.split];
  const [ofOurs, ofTheirs] = SIDES.map((side) => followDirectories(paths, side, renames[side], context));
  return {
    renames: { ours: ofOurs!.renames, theirs: ofTheirs!.renames },
    whole,
    messages: [...split.map(splitMessage), ...ofOurs!.messages, ...ofTheirs!.messages],
    clean: split.length === 0 && ofOurs!.clean && ofTheirs!.clean,
  };
}

/** Git looks into a folder that one side changed if it looks for renames there, and when it begins again if it knows of one. */
function wholeFolders(
  { oneSided, beginsAgain, removals }: CollectedPaths,
  renames: MergeRenames['renames'],
): Set<string> {
  const whole = new Set<string>();
  for (const side of SIDES) {
    const isSearched = removals[side].sources.size > 0;
    const targets = new Set(renames[side].flatMap(({ to }) => foldersAbove(to)));
    for (const folder of oneSided[side]) {
      if (!isSearched || (beginsAgain && !targets.has(folder))) whole.add(folder);
    }
  }
  return whole;
}

/** What both sides renamed is for their files to settle. */
function without(renamed: DirectoryRenames, others: DirectoryRenames): DirectoryRenames {
  return new Map([...renamed].filter(([directory]) => !others.has(directory)));
}

function splitMessage(directory: string): MergeMessage {
  return {
    paths: [directory],
    type: 'CONFLICT(directory rename unclear split)',
    text: `CONFLICT (directory rename split): Unclear where to rename ${directory} to; it was renamed to multiple other directories, with no destination getting a majority of the files.`,
  };
}
