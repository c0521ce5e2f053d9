import { findRenames, type Rename, type UnpairedFile } from '../diff/find-renames.js';
import { countDirectories, parent } from '../diff/rename-directory.js';
import { readBlob } from '../object/read.js';
import type { ObjectReader } from '../ports.js';
import type { CollectedPaths, Removals } from './collect-paths.js';
import { rankPlaces } from './directory-renames.js';
import type { Side } from './side.js';

/** The renames of a side, and those of them that the merge goes by. */
export interface SideRenames {
  readonly found: readonly Rename[];
  readonly followed: readonly Rename[];
}

/**
 * Finds the files that one side renamed, as far as that matters to the merge.
 *
 * @param limit if there are more pairs to compare than its square, contents are not compared
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function findSideRenames(
  objects: ObjectReader,
  collected: CollectedPaths,
  side: Side,
  limit: number,
): SideRenames {
  const removals = collected.removals[side];
  // Git looks for no rename then, not even of the same bytes.
  if (removals.sources.size === 0) return { found: [], followed: [] };
  const sources: UnpairedFile[] = [];
  const targets: UnpairedFile[] = [];
  for (const { path, base, [side]: version } of collected.paths.values()) {
    if (base && !version) sources.push({ path, version: base });
    if (!base && version) targets.push({ path, version });
  }
  const found = findRenames(sources, targets, ({ oid }) => readBlob(objects, oid), {
    limit,
    empty: false,
    directories: removals,
    relevant: (left, found, before) => {
      const relevant = left.filter(({ path }) => removals.sources.has(path));
      return before === 'name' ? relevant : dropDecided(relevant, found, removals);
    },
  });
  const followed = collected.beginsAgain ? found.filter(({ from }) => removals.sources.has(from)) : found;
  return { found, followed };
}

/** Leaves out files that matter only for directories of which it is clear where they went, wherever the rest may have gone. */
function dropDecided(sources: readonly UnpairedFile[], found: readonly Rename[], removals: Removals): UnpairedFile[] {
  const left = new Map<string, number>();
  for (const { path } of sources) {
    for (const directory of neededAbove(path, removals)) left.set(directory, (left.get(directory) ?? 0) + 1);
  }
  const decided = new Set<string>();
  for (const [directory, places] of countDirectories(found, removals)) {
    const [first, second] = rankPlaces(places);
    if (first!.files > (second?.files ?? 0) + (left.get(directory) ?? 0)) decided.add(directory);
  }
  const isUndecided = (directory: string) => removals.isAddedTo(directory) && !decided.has(directory);
  return sources.filter(
    ({ path }) => removals.sources.get(path) === 'contents' || neededAbove(path, removals).some(isUndecided),
  );
}

/** The directories above a path, as far up as it matters where they went. */
function neededAbove(path: string, { directories }: Removals): string[] {
  const above: string[] = [];
  for (let at = parent(path); (directories.get(at) ?? 'no') !== 'no'; at = parent(at)) above.push(at);
  return above;
}
