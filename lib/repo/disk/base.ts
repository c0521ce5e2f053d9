import { diffTrees } from '../../core/diff/diff-trees.js';
import { SyncError } from '../../core/errors.js';
import { findPath } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { ExportBase, ObjectReader, RefStore, Store, Worktree } from '../../core/ports.js';
import { headCommit, treeOf } from '../history/head.js';
import { writeTree } from '../history/write-tree.js';
import type { Repository } from '../repository.js';
import { type CheckoutPlan, planCheckout, plannedChanges, refuseBlocked, runCheckout } from './checkout.js';
import { hashOnDisk } from './disk.js';

/** A store, or one that has in memory what it will have. */
interface ObjectsAndRefs {
  readonly objects: ObjectReader;
  readonly refs: RefStore;
}

/**
 * The tree that the files on disk started from; null when they started from nothing, or when the store is still empty: a fresh
 * clone without an origin begins a history of its own.
 *
 * @throws {SyncError} `BASE_UNKNOWN` when the file beside the Markdown names a tree that the store does not have
 */
export function baseTree({ objects, refs }: ObjectsAndRefs, worktree: Worktree): Oid | null {
  const base = worktree.readBase();
  if (!base) return null;
  if (objects.has(base.tree)) return base.tree;
  if (refs.list().size === 0) return null;
  throw new SyncError(
    'BASE_UNKNOWN',
    `the files on disk come from commit ${base.commit}, which this store does not have`,
    {
      hint: "Run 'agent sync fetch' to get it from the origin. Without an origin, 'agent sync import --base REV' names the revision to compare with.",
    },
  );
}

/** A move of the files on disk from the tree they are based on to another, planned but not yet done. */
export interface WorktreeMove {
  readonly from: Oid | null;
  readonly plan: CheckoutPlan;
}

/**
 * Plans to bring the disk to `to`, reading only the files that the change touches.
 *
 * @param from the tree the disk is based on
 * @throws {SyncError} `LOCAL_CHANGES` when unimported work is in the way and `hint` tells what to do about it
 */
export function planMove(repo: Repository, from: Oid | null, to: Oid, hint?: string): WorktreeMove {
  const plan = planTreeMove(repo.store.objects, repo.worktree, from, to);
  if (hint !== undefined) refuseBlocked(plan.blocked, hint);
  return { from, plan };
}

/** Plans what the files on disk have to do to follow from one tree to another. */
export function planTreeMove(objects: ObjectReader, worktree: Worktree, from: Oid | null, to: Oid): CheckoutPlan {
  const changes = diffTrees(objects, from, to).map(({ path, before, after }) => ({
    path,
    before: before?.oid ?? null,
    after: after?.oid ?? null,
  }));
  return planCheckout(changes, (path) => hashOnDisk(worktree, path));
}

/**
 * Carries a move out and records beside the files which commit they now come from.
 *
 * A path that was left alone keeps its old base: its bytes still descend from that, and the next import must see it so.
 */
export function runMove(repo: Repository, move: WorktreeMove, commit: Oid): void {
  repo.worktree.writeBase(runCheckoutOf(repo, move, commit));
}

/** Carries a move out, and answers what is to be recorded beside the files, once this has been committed: it is in the store. */
export function runCheckoutOf(repo: Repository, move: WorktreeMove, commit: Oid): ExportBase {
  const { store, worktree } = repo;
  const leftAlone = runCheckout(store.objects, worktree, move.plan);
  if (leftAlone.length === 0) return baseAfter(store, move, commit, leftAlone);
  // A tree that no commit has is named by nothing but the file: a gc must not come in between.
  return store.transact(() => {
    const base = baseAfter(store, move, commit, leftAlone);
    rememberBase(store, base);
    return base;
  });
}

const BASES = 'worktree.bases';
const BASES_KEPT = 32;

/** Keeps a gc from the trees that files were based on of late: who reads the base has no lock, and git may bring an older one back. */
function rememberBase({ settings }: Store, { tree }: ExportBase): void {
  const earlier = settings.get(BASES)?.split(' ') ?? [];
  const bases = [tree, ...earlier.filter((other) => other !== tree)].slice(0, BASES_KEPT);
  settings.set(BASES, bases.join(' '));
}

/** Lets a gc take the trees that files were based on; the base beside the files stays. */
export function forgetBases({ settings }: Store): void {
  settings.unset(BASES);
}

/** Notes what a move is going to do to the disk, so that it can be undone; wants to be in the transaction that decides it. */
export function recordMove(repo: Repository, move: WorktreeMove, commit: Oid): void {
  recordDisk(repo, move.plan, baseAfter(repo.store, move, commit, move.plan.blocked));
}

/**
 * Notes what a checkout is going to do to the disk.
 *
 * @param base where the files come from then; undefined where that stays
 */
export function recordDisk({ store, worktree }: Repository, plan: CheckoutPlan, base: ExportBase | undefined): void {
  store.operations.recordDisk(plannedChanges(plan), base && { before: readBaseIfSound(worktree), after: base });
}

/** A base file that somebody spoilt says nothing that could be brought back. */
export function readBaseIfSound(worktree: Worktree): ExportBase | null {
  try {
    return worktree.readBase();
  } catch (error) {
    if (error instanceof SyncError && error.code === 'BASE_INVALID') return null;
    throw error;
  }
}

function baseAfter(store: Store, { from }: WorktreeMove, commit: Oid, leftAlone: readonly string[]): ExportBase {
  const { objects } = store;
  const edits = leftAlone.map((path) => ({ path, version: from ? (findPath(objects, from, path) ?? null) : null }));
  return { commit, tree: writeTree(store, readCommit(objects, commit).tree, edits, 'any') };
}

/**
 * Brings the disk to `HEAD` where an earlier command was killed before it could. Unimported work is left alone.
 *
 * @throws {SyncError} `BASE_UNKNOWN`, `FILE_UNWRITABLE`
 */
export function followHead(repo: Repository): void {
  const { store, worktree } = repo;
  const head = headCommit(store);
  const from = baseTree(store, worktree);
  const to = treeOf(store, head);
  if (!head || !to || from === to) return;
  runMove(repo, recordedMove(repo, from, head) ?? planMove(repo, from, to), head);
}

/** What the command that was killed was about to do to the disk, which may be more than to follow `HEAD`. */
function recordedMove({ store, worktree }: Repository, from: Oid | null, head: Oid): WorktreeMove | undefined {
  const killed = store.operations.list({ limit: LATEST }).find(({ base }) => base?.after?.commit === head);
  if (!killed || killed.base!.before?.tree !== from) return undefined;
  const plan = planCheckout(store.operations.paths(killed.id), (path) => hashOnDisk(worktree, path));
  return { from, plan };
}

/** Something may have been fetched since. */
const LATEST = 3;
