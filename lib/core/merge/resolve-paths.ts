import { foldersAbove } from '../diff/rename-directory.js';
import { findPath } from '../object/find-path.js';
import type { Oid } from '../object/oid.js';
import { compareUtf8 } from '../object/text.js';
import { isTree } from '../object/tree.js';
import type { FileVersion, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';
import type { MergeMessage } from './merge-message.js';
import type { MergePath, MergePaths } from './merge-paths.js';
import { resolvePath, type Surroundings, type UnmergedPath } from './resolve-path.js';
import type { Side } from './side.js';

/** The trees that are merged, and what is known of them. */
export interface MergeGround extends Pick<Surroundings, 'labels' | 'virtual' | 'merge'> {
  readonly objects: ObjectReader;
  readonly trees: Sides<Oid | null>;
  /** Folders of ours that theirs left as they were and nobody had to read. */
  readonly unread: readonly string[];
  /** Folders that came whole from one side. */
  readonly whole: ReadonlySet<string>;
}

/** What the paths of a merge come to. */
export interface ResolvedPaths {
  /** What each path holds afterwards; null for nothing. */
  readonly files: ReadonlyMap<string, FileVersion | null>;
  readonly unmerged: readonly UnmergedPath[];
  readonly messages: readonly MergeMessage[];
  /** The paths where lines were merged. */
  readonly merged: readonly string[];
}

/**
 * Resolves every path of a merge.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function resolvePaths(paths: MergePaths, ground: MergeGround): ResolvedPaths {
  const { objects, trees, unread, whole } = ground;
  const files = new Map<string, FileVersion | null>();
  const folders = new Set<string>(unread.flatMap((path) => [path, ...foldersAbove(path)]));
  const unmerged: UnmergedPath[] = [];
  const messages: MergeMessage[] = [];
  const merged: string[] = [];
  const find = (tree: Oid | null, path: string) => (tree === null ? undefined : findPath(objects, tree, path));
  const isTaken = (path: string) =>
    files.has(path) || paths.has(path) || Object.values(trees).some((tree) => find(tree, path));
  const folderInTheWayOf = ({ path, versions }: MergePath): Side | null => {
    if (!folders.has(path)) return null;
    const folder = find(trees.ours, path);
    return (folder && isTree(folder)) || !versions.ours ? 'theirs' : 'ours';
  };

  // Backwards, so that what is left of a folder is known before the file that wants its name.
  for (const path of [...paths.values()].sort((a, b) => compareUtf8(b.path, a.path))) {
    const wholeFolder = whole.has(path.path);
    const outcome = resolvePath(path, { ...ground, folderInTheWayOf: folderInTheWayOf(path), wholeFolder, isTaken });
    if (!files.has(path.path)) files.set(path.path, null);
    for (const file of outcome.files) {
      files.set(file.path, file.version);
      for (const folder of foldersAbove(file.path)) folders.add(folder);
    }
    if (outcome.blob) merged.push(path.path);
    unmerged.push(...outcome.unmerged);
    messages.push(...outcome.messages);
  }
  return { files, unmerged, messages, merged: merged.reverse() };
}
