import { sameVersion } from '../diff/join-trees.js';
import type { TreeEdit } from '../object/edit-tree.js';
import { findPath } from '../object/find-path.js';
import type { Oid } from '../object/oid.js';
import { compareUtf8 } from '../object/text.js';
import type { Conflict, IdentifiedObject, ObjectReader } from '../ports.js';
import { collectPaths } from './collect-paths.js';
import type { Sides } from './combine.js';
import type { MergeLabels } from './merge-versions.js';
import { type PathMessage, resolvePath } from './resolve-path.js';

/** What a merge of trees comes to; nothing of it is stored. */
export interface MergedTrees {
  /** What to change in ours' tree; conflicted files with their markers. */
  readonly edits: readonly TreeEdit[];
  /** The blobs that the edits name and a merge of lines made. */
  readonly blobs: readonly IdentifiedObject[];
  /** In byte order of path; empty for a clean merge. */
  readonly conflicts: readonly Conflict[];
  /** What git prints, in byte order of path. */
  readonly messages: readonly PathMessage[];
  /** The paths where lines were merged, cleanly or not. */
  readonly merged: readonly string[];
}

/**
 * Merges two trees by their common base as `git merge` does without looking for renames.
 *
 * Reads only what differs between the three.
 *
 * @param base,ours,theirs tree ids; null stands for the empty tree
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE`
 * @see git-merge-tree(1)
 */
export function mergeTrees(
  objects: ObjectReader,
  base: Oid | null,
  ours: Oid | null,
  theirs: Oid | null,
  options: MergeLabels,
): MergedTrees {
  const files = new Map<string, TreeEdit>();
  const unchanged = new Set<string>();
  const folders = new Set<string>();
  const blobs: IdentifiedObject[] = [];
  const conflicts: Conflict[] = [];
  const messages: PathMessage[] = [];
  const merged: string[] = [];

  const trees: Sides<Oid | null> = { base, ours, theirs };
  const isTaken = (path: string) =>
    files.has(path) || Object.values(trees).some((tree) => tree !== null && findPath(objects, tree, path));

  // Backwards, so that what is left of a folder is known before the file that wants its name.
  for (const versions of collectPaths(objects, trees).reverse()) {
    const { path } = versions;
    const outcome = resolvePath(objects, versions, { ...options, folderInTheWay: folders.has(path), isTaken });
    files.set(path, { path, version: null });
    for (const file of outcome.files) {
      files.set(file.path, file);
      for (const folder of foldersOf(file.path)) folders.add(folder);
    }
    if (sameVersion(files.get(path)!.version, versions.ours)) unchanged.add(path);
    if (outcome.blob) {
      blobs.push(outcome.blob);
      merged.push(path);
    }
    conflicts.push(...outcome.conflicts);
    messages.push(...outcome.messages);
  }

  const edits = [...files.values()].filter(({ path }) => !unchanged.has(path));
  return {
    edits: sortByPath(edits),
    blobs,
    conflicts: sortByPath(conflicts),
    messages: sortByPath(messages),
    merged: merged.reverse(),
  };
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

function sortByPath<T extends { readonly path: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => compareUtf8(a.path, b.path));
}
