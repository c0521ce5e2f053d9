import { sameVersion } from '../diff/join-trees.js';
import type { TreeEdit } from '../object/edit-tree.js';
import { findPath } from '../object/find-path.js';
import type { Oid } from '../object/oid.js';
import { compareUtf8 } from '../object/text.js';
import type { Conflict, FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import { collectPaths } from './collect-paths.js';
import type { Sides } from './combine.js';
import type { MergeMessage } from './merge-message.js';
import type { MergeLabels } from './merge-versions.js';
import { resolvePath } from './resolve-path.js';

/** A version of an unmerged path, as git's index has it: 1 for base, 2 for ours, 3 for theirs. */
export interface StageEntry {
  readonly path: string;
  readonly stage: 1 | 2 | 3;
  readonly version: FileVersion;
}

/** What a merge of trees comes to; nothing of it is stored. */
export interface MergedTrees {
  /** The verdict. There can be a conflict about a folder that leaves no path unmerged. */
  readonly clean: boolean;
  /** What to change in ours' tree; conflicted files with their markers. */
  readonly edits: readonly TreeEdit[];
  /** The blobs that the edits name and a merge of lines made. */
  readonly blobs: readonly IdentifiedObject[];
  /** By path, then stage. */
  readonly stages: readonly StageEntry[];
  /** One for each unmerged path, in byte order. */
  readonly conflicts: readonly Conflict[];
  /** In byte order of their first path. */
  readonly messages: readonly MergeMessage[];
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
  const messages: MergeMessage[] = [];
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
  const sorted = sortByPath(conflicts);
  return {
    clean: conflicts.length === 0,
    edits: sortByPath(edits),
    blobs,
    stages: sorted.flatMap(stagesOf),
    conflicts: sorted,
    messages: messages.toSorted((a, b) => compareUtf8(a.paths[0]!, b.paths[0]!)),
    merged: merged.reverse(),
  };
}

function stagesOf({ path, base, ours, theirs }: Conflict): StageEntry[] {
  return [base, ours, theirs].flatMap((version, i) => (version ? { path, stage: (i + 1) as 1 | 2 | 3, version } : []));
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

function sortByPath<T extends { readonly path: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => compareUtf8(a.path, b.path));
}
