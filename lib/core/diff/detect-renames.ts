import type { FileVersion } from '../ports.js';
import type { TreeChange } from './diff-trees.js';
import { findRenames } from './find-renames.js';
import { MAX_SCORE, percentOf } from './similarity.js';

/** What a diff shows of a file: a change at one path, or on the way from one to another. */
export interface FileChange extends TreeChange {
  /** The path it had before, where that was another one. */
  readonly from?: string;
  /** With `from`: how alike its bytes are, in whole per cent. */
  readonly similarity?: number;
}

/** As `diff.renameLimit` has it unless configured. */
const RENAME_LIMIT = 1000;

/**
 * Makes renames of what was deleted at one path and added at another, as `git diff` does. A rename stands where its new
 * path does.
 *
 * @param changes in byte order of path
 * @param read the bytes of a version
 * @param percent from which similarity on, 1 to 100
 * @see git-diff(1) `--find-renames`
 */
export function detectRenames(
  changes: readonly TreeChange[],
  read: (version: FileVersion) => Uint8Array,
  percent: number,
): FileChange[] {
  const sources = changes.flatMap(({ path, before, after }) => (before && !after ? [{ path, version: before }] : []));
  const targets = changes.flatMap(({ path, before, after }) => (after && !before ? [{ path, version: after }] : []));
  const minScore = (percent * MAX_SCORE) / 100;
  const renames = findRenames(sources, targets, read, { minScore, limit: RENAME_LIMIT, empty: true });
  const moved = new Set(renames.map(({ from }) => from));
  const arrived = new Map(renames.map((rename) => [rename.to, rename]));
  const versions = new Map(sources.map(({ path, version }) => [path, version]));
  return changes.flatMap((change): FileChange[] => {
    if (!change.after && moved.has(change.path)) return [];
    const rename = change.before ? undefined : arrived.get(change.path);
    if (!rename) return [change];
    const before = versions.get(rename.from)!;
    return [{ ...change, before, from: rename.from, similarity: percentOf(rename.score) }];
  });
}
