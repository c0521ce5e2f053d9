import type { MergeMessage } from '../../core/merge/merge-message.js';
import { listFiles } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { OverlayObjects } from '../../core/object/overlay-objects.js';
import { readCommit } from '../../core/object/read.js';
import type { Conflict, ObjectReader } from '../../core/ports.js';
import { baseTree, planTreeMove } from '../disk/base.js';
import { graphOf, headCommit } from '../history/head.js';
import type { Repository } from '../repository.js';
import { type ArtifactOutcome, artifactOutcomes } from './artifact-outcomes.js';
import { type MergeOptions, mergeOptions } from './merge.js';
import { mergeHistories } from './merge-histories.js';
import { refuseDuringMerge } from './merge-state.js';

/** The whole outcome of joining two histories, which was not done. */
export interface Outcome {
  /** `HEAD`; null on an unborn branch. */
  readonly ours: Oid | null;
  readonly theirs: Oid;
  /** The tree that would result. */
  readonly tree: Oid;
  /** How many artifacts neither side changed. */
  readonly unchanged: number;
  /** All others, in byte order of path. */
  readonly artifacts: readonly ArtifactOutcome[];
  /** Files on disk whose unimported work stands in the way: it would be refused. */
  readonly blocked: readonly string[];
  /** What git tells about it. */
  readonly messages: readonly MergeMessage[];
}

/** The whole outcome of a merge that was not made. */
export interface MergeOutcome extends Outcome {
  readonly status: 'up-to-date' | 'fast-forward' | 'merged' | 'conflicted';
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
  const { store } = repo;
  refuseDuringMerge(store);
  const settings = await mergeOptions(repo, options);
  const ours = headCommit(store);
  const merge = mergeHistories(objects, graphOf(store, objects), ours, theirs, settings);
  if (merge.do === 'nothing') return { status: 'up-to-date', ...noOutcome(objects, ours!, theirs) };
  const everything = new OverlayObjects(objects, merge.objects);
  const forward = merge.do === 'fast-forward' ? 'fast-forward' : 'merged';
  return {
    status: merge.clean ? forward : 'conflicted',
    ...outcomeOf(repo, everything, { ours, theirs }, { ...merge, bases: forward === 'merged' ? merge.bases : [ours] }),
  };
}

/** What came of joining two histories. */
interface Joined {
  readonly bases: readonly (Oid | null)[];
  readonly tree: Oid;
  readonly merged: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly messages: readonly MergeMessage[];
}

/** Tells the whole of what came of it. */
export function outcomeOf(
  { store, worktree }: Repository,
  objects: ObjectReader,
  { ours, theirs }: { readonly ours: Oid | null; readonly theirs: Oid },
  { bases, tree, merged, conflicts, messages }: Joined,
): Outcome {
  const treeOf = (commit: Oid | null) => commit && readCommit(objects, commit).tree;
  const trees = {
    bases: bases.length === 0 ? [null] : bases.map(treeOf),
    ours: treeOf(ours),
    theirs: treeOf(theirs)!,
  };
  const shown = baseTree({ objects, refs: store.refs }, worktree);
  const disk = planTreeMove(objects, worktree, shown, tree);
  const artifacts = artifactOutcomes(objects, { ...trees, tree, merged, conflicts }, disk);
  const listed = artifacts.filter(({ after }) => after !== null).length;
  const unchanged = countFiles(objects, tree) - listed;
  return { ours, theirs, tree, unchanged, artifacts, blocked: disk.blocked, messages };
}

/** The outcome where there is nothing to do. */
export function noOutcome(objects: ObjectReader, ours: Oid, theirs: Oid): Outcome {
  const { tree } = readCommit(objects, ours);
  return { ours, theirs, tree, unchanged: countFiles(objects, tree), artifacts: [], blocked: [], messages: [] };
}

function countFiles(objects: ObjectReader, tree: Oid): number {
  let files = 0;
  for (const _ of listFiles(objects, tree)) files++;
  return files;
}
