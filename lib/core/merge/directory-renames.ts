import type { Rename } from '../diff/find-renames.js';
import { countDirectories } from '../diff/rename-directory.js';
import type { Removals } from './collect-paths.js';

/** The directories that a side renamed, as old and new name. */
export type DirectoryRenames = ReadonlyMap<string, string>;

/** A directory that files went to, and how many. */
export interface Place {
  readonly directory: string;
  readonly files: number;
}

/** Where the files of a directory went, most of them first. */
export function rankPlaces(places: ReadonlyMap<string, number>): Place[] {
  return [...places].map(([directory, files]) => ({ directory, files })).sort((a, b) => b.files - a.files);
}

/** Which directories a side renamed, and which it split so evenly that there is no telling. */
export function decideDirectories(
  renames: readonly Rename[],
  removals: Removals,
): { readonly renamed: DirectoryRenames; readonly split: readonly string[] } {
  const renamed = new Map<string, string>();
  const split: string[] = [];
  for (const [directory, places] of countDirectories(renames, removals)) {
    if (removals.directories.get(directory) === 'no') continue;
    const [first, second] = rankPlaces(places);
    if (first!.files === second?.files) split.push(directory);
    else renamed.set(directory, first!.directory);
  }
  return { renamed, split };
}
