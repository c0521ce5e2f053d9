import { sameVersion } from '../diff/join-trees.js';
import type { TreeEdit } from '../object/edit-tree.js';
import { findFile } from '../object/find-path.js';
import type { Oid } from '../object/oid.js';
import { OverlayObjects } from '../object/overlay-objects.js';
import { compareUtf8 } from '../object/text.js';
import type { Conflict, FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import { collectPaths } from './collect-paths.js';
import type { Sides } from './combine.js';
import { findMergeRenames, type RenameSettings } from './find-merge-renames.js';
import { followRenames } from './follow-renames.js';
import type { MergeMessage } from './merge-message.js';
import { MergePaths } from './merge-paths.js';
import { type BothVersions, mergeVersions, type VersionOptions } from './merge-versions.js';
import type { UnmergedPath } from './resolve-path.js';
import { resolvePaths } from './resolve-paths.js';

/** A version of an unmerged path, as git's index has it: 1 for base, 2 for ours, 3 for theirs. */
export interface StageEntry {
  readonly path: string;
  readonly stage: 1 | 2 | 3;
  readonly version: FileVersion;
}

/** What a merge of trees comes to; nothing of it is stored. */
export interface MergedTrees {
  /** The verdict. There can be a conflict about a directory that leaves no path unmerged. */
  readonly clean: boolean;
  /** What to change in ours' tree; conflicted files with their markers. */
  readonly edits: readonly TreeEdit[];
  /** The blobs that the edits and stages name and a merge of lines made. */
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

/** How trees are merged; what is left out is as in git. */
export interface MergeTreesOptions extends Omit<VersionOptions, 'virtual' | 'markerSize'>, RenameSettings {
  /** How deep among merges that only make a base for others this one is; 0 by default. */
  readonly depth?: number;
}

const MARKER_SIZE = 7;

/**
 * Merges two trees by their common base as `git merge` does, renames included.
 *
 * Reads only what differs between the three.
 *
 * @param base,ours,theirs tree ids; null stands for the empty tree
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`, `PATH_UNSAFE`
 * @see git-merge-tree(1)
 */
export function mergeTrees(
  reader: ObjectReader,
  base: Oid | null,
  ours: Oid | null,
  theirs: Oid | null,
  options: MergeTreesOptions,
): MergedTrees {
  const trees = { base, ours, theirs };
  const { labels, depth = 0 } = options;
  const virtual = depth > 0;
  const objects = new OverlayObjects(reader);
  /** Merges within merges are told apart by the length of their markers. */
  const merge = (nested: number) => (path: string, versions: BothVersions, from: Sides<string>) => {
    const markerSize = MARKER_SIZE + 2 * depth + nested;
    const merged = mergeVersions(objects, path, versions, from, { ...options, virtual, markerSize });
    if (merged.blob) objects.add([merged.blob]);
    return merged;
  };

  const collected = collectPaths(reader, trees);
  const paths = new MergePaths(collected.paths);
  const renames = findMergeRenames(objects, paths, collected, trees, options);
  const followed = followRenames(paths, renames.renames, { labels, merge: merge(1) });
  const resolved = resolvePaths(paths, {
    objects: reader,
    trees,
    unread: collected.unread,
    whole: renames.whole,
    labels,
    virtual,
    merge: merge(0),
  });
  const before = (path: string) => {
    const known = collected.paths.get(path);
    return known ? known.ours : findFile(reader, ours, path);
  };
  const messages = [...renames.messages, ...followed, ...resolved.messages];
  const unmerged = sortBy(resolved.unmerged, ({ path }) => path);
  const conflictOf = conflictsOf(messages);
  return {
    clean: renames.clean && unmerged.length === 0,
    edits: editsOf(resolved.files, before),
    blobs: objects.added(),
    stages: unmerged.flatMap(stagesOf),
    conflicts: unmerged.map(conflictOf),
    messages: sortBy(messages, ({ paths }) => paths[0]!),
    merged: resolved.merged,
  };
}

function editsOf(
  files: ReadonlyMap<string, FileVersion | null>,
  before: (path: string) => FileVersion | null,
): TreeEdit[] {
  const edits = [...files].flatMap(([path, version]) => (sameVersion(before(path), version) ? [] : { path, version }));
  return sortBy(edits, ({ path }) => path);
}

function stagesOf({ path, base, ours, theirs }: UnmergedPath): StageEntry[] {
  return [base, ours, theirs].flatMap((version, i) => (version ? { path, stage: (i + 1) as 1 | 2 | 3, version } : []));
}

/** Gives each unmerged path the messages that tell of it; the first one names its kind. */
function conflictsOf(messages: readonly MergeMessage[]): (unmerged: UnmergedPath) => Conflict {
  const about = new Map<string, MergeMessage[]>();
  for (const message of messages) {
    if (!message.kind) continue;
    for (const path of message.paths) about.set(path, [...(about.get(path) ?? []), message]);
  }
  return ({ path, base, ours, theirs, hunks }) => {
    const told = about.get(path) ?? [];
    const texts = told.flatMap(({ text }) => (text.startsWith('CONFLICT') ? text : []));
    return { path, kind: told[0]?.kind ?? 'content', base, ours, theirs, message: texts.join('\n'), hunks };
  };
}

function sortBy<T>(items: readonly T[], pathOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => compareUtf8(pathOf(a), pathOf(b)));
}
