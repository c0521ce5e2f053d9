import type { Rename } from './find-renames.js';

/** What a merge knows of directories when it looks for renames on one side. */
export interface MergedDirectories {
  /** Whether the side no longer has the directory. */
  isGone(directory: string): boolean;
  /** Whether the other side added a file to it, directly. */
  isAddedTo(directory: string): boolean;
}

/** For each directory that is gone: the directories its files went to, and how many of them. */
export type DirectoryCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Counts where the files of directories went that are gone. Files in folders below count only for directories whose new
 * place matters, because the other side added to them.
 */
export function countDirectories(moved: readonly Rename[], directories: MergedDirectories): DirectoryCounts {
  const counts = new Map<string, Map<string, number>>();
  for (const { from, to } of moved) {
    let [before, after] = [parent(from), parent(to)];
    for (let direct = true; before !== '' && directories.isGone(before); direct = false) {
      if (direct || directories.isAddedTo(before)) {
        const places = counts.get(before) ?? new Map<string, number>();
        counts.set(before, places.set(after, (places.get(after) ?? 0) + 1));
      }
      if (after === '' || fileName(before) !== fileName(after)) break;
      [before, after] = [parent(before), parent(after)];
    }
  }
  return counts;
}

/** Guesses where directories that are gone went: where most of the files went that moved unchanged. */
export function guessDirectories(moved: readonly Rename[], directories: MergedDirectories): Map<string, string> {
  return new Map([...countDirectories(moved, directories)].map(([before, places]) => [before, mostFrequent(places)]));
}

/** The directory that holds a path; empty for the root. */
export function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The directories on the way to a path, the nearest first; without the root. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = parent(path); at !== ''; at = parent(at)) above.push(at);
  return above;
}

/** The last component of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
