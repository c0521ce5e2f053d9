import { diffTrees } from '../core/diff/diff-trees.js';
import { mergeBases } from '../core/graph/merge-base.js';
import { revWalk } from '../core/graph/rev-walk.js';
import type { Oid } from '../core/object/oid.js';
import type { MergeState, PendingConflict } from '../core/ports.js';
import { ORIGIN_MAIN } from '../core/ref/ref-names.js';
import { listDrafts } from './artifacts/number-drafts.js';
import { baseTree } from './disk/base.js';
import { diskChanges, type PathChange, readDisk } from './disk/disk.js';
import { graphOf, headCommit, treeOf } from './history/head.js';
import { shownVersion } from './merge/merge-state.js';
import { countQueue, type QueueCounts } from './queue/queue.js';
import type { Repository } from './repository.js';

/** An artifact file that changed, and how. */
export interface StatusChange {
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
}

/** Where things stand between disk, store and origin, as far as the origin was last seen. */
export interface Status {
  readonly head: Oid | null;
  readonly branch: string;
  /** Null before the first fetch. */
  readonly origin: Oid | null;
  /** Commits that only `HEAD` has. */
  readonly ahead: number;
  /** Commits that only `origin/main` has. */
  readonly behind: number;
  /** Changed here since the two last agreed. */
  readonly local: readonly StatusChange[];
  /** Changed at the origin since the two last agreed. */
  readonly remote: readonly StatusChange[];
  /** Paths changed on both sides, not to the same bytes. */
  readonly both: readonly string[];
  /** Changed on disk and not imported. */
  readonly disk: readonly StatusChange[];
  /** Entries on disk that no import will take, each with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** True while a merge, or a rebase, waits to be finished. */
  readonly merging: boolean;
  /** How far the rebase is that waits; null for none. */
  readonly rebase: RebaseProgress | null;
  readonly conflicts: readonly PendingConflict[];
  /** How much waits for the origin. */
  readonly queue: QueueCounts;
  /** The handles of artifacts that have no number yet. */
  readonly drafts: readonly string[];
}

/** How far a rebase is. */
export interface RebaseProgress {
  /** The commit that it stopped at; null when only files on disk have still to follow. */
  readonly commit: Oid | null;
  /** Commits replayed or dropped so far. */
  readonly done: number;
  /** Commits still to come. */
  readonly todo: number;
}

/**
 * Compares disk, `HEAD` and `origin/main`. It never talks to the origin.
 *
 * @throws {SyncError} `BASE_UNKNOWN`, `BASE_INVALID`, `FILE_UNREADABLE`
 */
export function status(repo: Repository): Status {
  const { store } = repo;
  const head = headCommit(store);
  const origin = store.refs.get(ORIGIN_MAIN) ?? null;
  const merge = store.merge.get();
  const sides = compareSides(repo, head, origin);
  const disk = compareDisk(repo, merge);
  return {
    head,
    branch: store.refs.head(),
    origin,
    ...sides,
    disk: disk.changes,
    skipped: disk.skipped,
    merging: merge !== undefined,
    rebase: merge?.rebase
      ? { commit: merge.theirs, done: merge.rebase.done.length, todo: merge.rebase.todo.length }
      : null,
    conflicts: merge?.conflicts ?? [],
    queue: countQueue(repo.store),
    drafts: [...new Set(listDrafts(repo).map(({ id }) => id))],
  };
}

function compareSides(repo: Repository, head: Oid | null, origin: Oid | null) {
  const { store } = repo;
  if (head === origin) return { ahead: 0, behind: 0, local: [], remote: [], both: [] };
  const graph = graphOf(store);
  const only = (side: Oid | null, other: Oid | null) =>
    side ? revWalk(graph, [side], other ? [other] : []).length : 0;
  const base = (head && origin && mergeBases(graph, head, origin)[0]) ?? null;
  const here = diffTrees(store.objects, treeOf(store, base), treeOf(store, head));
  const there = diffTrees(store.objects, treeOf(store, base), treeOf(store, origin));
  const afterThere = new Map(there.map(({ path, after }) => [path, after?.oid]));
  const both = here.filter(({ path, after }) => afterThere.has(path) && afterThere.get(path) !== after?.oid);
  return {
    ahead: only(head, origin),
    behind: only(origin, head),
    local: here.map(({ path, before, after }) => describe(path, before, after)),
    remote: there.map(({ path, before, after }) => describe(path, before, after)),
    both: both.map(({ path }) => path),
  };
}

/** During a merge the disk shows the merged tree and the answers given, so that only what a person then edited counts as changed. */
function compareDisk(repo: Repository, merge: MergeState | undefined) {
  const { store, worktree } = repo;
  const disk = readDisk(store, worktree);
  const changes = diskChanges(store.objects, disk, merge?.tree ?? baseTree(store, worktree));
  const isShown = ({ path, after }: PathChange) =>
    merge !== undefined && (shownVersion(store, merge, path)?.oid ?? null) === after;
  return {
    changes: changes
      .filter((change) => !isShown(change))
      .map(({ path, before, after }) => describe(path, before, after)),
    skipped: disk.skipped,
  };
}

function describe(path: string, before: unknown, after: unknown): StatusChange {
  return { path, change: before === null ? 'added' : after === null ? 'deleted' : 'modified' };
}
