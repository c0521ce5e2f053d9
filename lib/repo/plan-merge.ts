import { isArtifactPath } from '../artifact/path.js';
import { diffTrees } from '../core/diff/diff-trees.js';
import type { MergeMessage } from '../core/merge/merge-message.js';
import { findPath, listFiles } from '../core/object/find-path.js';
import type { Oid } from '../core/object/oid.js';
import { OverlayObjects } from '../core/object/overlay-objects.js';
import { readBlob, readCommit } from '../core/object/read.js';
import { compareUtf8 } from '../core/object/text.js';
import { isTree } from '../core/object/tree.js';
import type { ConflictKind, FileVersion, ObjectReader } from '../core/ports.js';
import { baseTree, planTreeMove } from './base.js';
import type { CheckoutPlan } from './checkout.js';
import { documentFacts } from './document-facts.js';
import { graphOf, headCommit } from './head.js';
import { type MergeOptions, mergeOptions } from './merge.js';
import { type MergedHistories, mergeHistories } from './merge-histories.js';
import { refuseDuringMerge } from './merge-state.js';
import type { Repository } from './repository.js';

/** What becomes of one artifact that either side changed. */
export interface ArtifactOutcome {
  readonly path: string;
  /** `fast`: only one side changed it. `merged`: both did, and it has both changes. */
  readonly outcome: 'fast' | 'merged' | 'conflicted';
  readonly side: 'ours' | 'theirs' | 'both';
  /** What `HEAD` has there; null for nothing. */
  readonly before: FileVersion | null;
  /** What the result has there, with markers where it is conflicted. */
  readonly after: FileVersion | null;
  /** The artifact's state before and after; null where there is none that can be read. */
  readonly state: { readonly before: string | null; readonly after: string | null };
  /** Why it is conflicted, in git's words, and in how many places of its text. */
  readonly conflicts: readonly { readonly kind: ConflictKind; readonly message: string; readonly hunks: number }[];
  /** What happens to the file on disk; `blocked`: it has unimported work, and the merge would be refused. */
  readonly disk: 'untouched' | 'written' | 'removed' | 'blocked';
}

/** The whole outcome of a merge that was not made. */
export interface MergeOutcome {
  readonly status: 'up-to-date' | 'fast-forward' | 'merged' | 'conflicted';
  /** `HEAD`; null on an unborn branch. */
  readonly ours: Oid | null;
  readonly theirs: Oid;
  /** The tree that would result. */
  readonly tree: Oid;
  /** How many artifacts neither side changed. */
  readonly unchanged: number;
  /** All others, in byte order of path. */
  readonly artifacts: readonly ArtifactOutcome[];
  /** Files on disk whose unimported work stands in the way: the merge would be refused. */
  readonly blocked: readonly string[];
  /** What git tells about the merge. */
  readonly messages: readonly MergeMessage[];
}

/**
 * Works out what merging a commit into `HEAD` comes to, and writes nothing at all.
 *
 * @param objects the store's, or those and more
 * @throws {SyncError} `MERGE_IN_PROGRESS`, `UNRELATED_HISTORIES`, `FAST_FORWARD_IMPOSSIBLE`, `BASE_UNKNOWN`, `CONFIG_INVALID`
 * @see git-merge-tree(1)
 */
export async function planMerge(
  repo: Repository,
  theirs: Oid,
  options: MergeOptions,
  objects: ObjectReader = repo.store.objects,
): Promise<MergeOutcome> {
  const { store, worktree } = repo;
  refuseDuringMerge(store);
  const settings = await mergeOptions(repo, options);
  const ours = headCommit(store);
  const merge = mergeHistories(objects, graphOf(store, objects), ours, theirs, settings);
  const treeOf = (commit: Oid) => readCommit(objects, commit).tree;
  if (merge.do === 'nothing') {
    const tree = treeOf(ours!);
    const unchanged = countFiles(objects, tree);
    return { status: 'up-to-date', ours, theirs, tree, unchanged, artifacts: [], blocked: [], messages: [] };
  }
  const everything = new OverlayObjects(objects, merge.objects);
  const bases = merge.do === 'fast-forward' ? [ours] : merge.bases;
  const trees = {
    bases: bases.length === 0 ? [null] : bases.map((base) => base && treeOf(base)),
    ours: ours && treeOf(ours),
    theirs: treeOf(theirs),
  };
  const disk = planTreeMove(
    everything,
    worktree,
    baseTree({ objects: everything, refs: store.refs }, worktree),
    merge.tree,
  );
  const artifacts = outcomes(everything, trees, merge, disk);
  const listed = artifacts.filter(({ after }) => after !== null).length;
  const forward = merge.do === 'fast-forward' ? 'fast-forward' : 'merged';
  return {
    status: merge.clean ? forward : 'conflicted',
    ours,
    theirs,
    tree: merge.tree,
    unchanged: countFiles(everything, merge.tree) - listed,
    artifacts,
    blocked: disk.blocked,
    messages: merge.messages,
  };
}

interface MergedTreeIds {
  readonly bases: readonly (Oid | null)[];
  readonly ours: Oid | null;
  readonly theirs: Oid;
}

function outcomes(
  objects: ObjectReader,
  trees: MergedTreeIds,
  { tree, conflicts, merged }: Exclude<MergedHistories, { do: 'nothing' }>,
  disk: CheckoutPlan,
): ArtifactOutcome[] {
  const ours = changedSince(objects, trees.bases, trees.ours);
  const theirs = changedSince(objects, trees.bases, trees.theirs);
  const changed = new Map(diffTrees(objects, trees.ours, tree).map((change) => [change.path, change]));
  const linesMerged = new Set(merged);
  const onDisk = diskChangesOf(disk);
  const paths = new Set([...ours.keys(), ...theirs.keys(), ...changed.keys(), ...conflicts.map(({ path }) => path)]);
  return [...paths].sort(compareUtf8).flatMap((path) => {
    const change = changed.get(path);
    const before = change ? change.before : (ours.get(path) ?? versionAt(objects, trees.ours, path));
    const after = change ? change.after : before;
    const why = conflicts.filter((conflict) => conflict.path === path);
    // The old name of what was renamed, or what both sides removed.
    if (!before && !after && why.length === 0) return [];
    // What changes although theirs left it alone was renamed here, and changed there under its old name.
    const both = linesMerged.has(path) || (ours.has(path) && (theirs.has(path) || change !== undefined));
    return {
      path,
      outcome: why.length > 0 ? 'conflicted' : both ? 'merged' : 'fast',
      side: both || why.length > 0 ? 'both' : ours.has(path) ? 'ours' : 'theirs',
      before,
      after,
      state: { before: stateOf(objects, path, before), after: stateOf(objects, path, after) },
      conflicts: why.map(({ kind, message, hunks }) => ({ kind, message, hunks: hunks.length })),
      disk: onDisk.get(path) ?? 'untouched',
    } as const;
  });
}

/** The paths in which a tree differs from every one of the bases, and what it has there. */
function changedSince(
  objects: ObjectReader,
  bases: readonly (Oid | null)[],
  tree: Oid | null,
): Map<string, FileVersion | null> {
  const [first = [], ...others] = bases.map((base) => diffTrees(objects, base, tree));
  const changedFromOthers = others.map((changes) => new Set(changes.map(({ path }) => path)));
  const changed = first.filter(({ path }) => changedFromOthers.every((paths) => paths.has(path)));
  return new Map(changed.map(({ path, after }) => [path, after]));
}

function countFiles(objects: ObjectReader, tree: Oid): number {
  let files = 0;
  for (const _ of listFiles(objects, tree)) files++;
  return files;
}

function versionAt(objects: ObjectReader, tree: Oid | null, path: string): FileVersion | null {
  const found = tree && findPath(objects, tree, path);
  return found && !isTree(found) ? { mode: found.mode, oid: found.oid } : null;
}

function stateOf(objects: ObjectReader, path: string, version: FileVersion | null): string | null {
  return version && isArtifactPath(path) ? documentFacts(path, readBlob(objects, version.oid)).state : null;
}

function diskChangesOf({ write, remove, blocked }: CheckoutPlan): Map<string, ArtifactOutcome['disk']> {
  return new Map([
    ...write.map(({ path }) => [path, 'written'] as const),
    ...remove.map(({ path }) => [path, 'removed'] as const),
    ...blocked.map((path) => [path, 'blocked'] as const),
  ]);
}
