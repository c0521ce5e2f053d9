import { SyncError } from '../../core/errors.js';
import { contains } from '../../core/graph/merge-base.js';
import { compareMerges } from '../../core/merge/merge-change.js';
import type { Oid } from '../../core/object/oid.js';
import type { Conflict, DiskChange, ExportBase, Operation, RecordedMerge, Store } from '../../core/ports.js';
import { ORIGIN_MAIN, PUSHED } from '../../core/ref/ref-names.js';
import { reflogActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { readBaseIfSound } from '../disk/base.js';
import { refuseBlocked } from '../disk/checkout.js';
import { hashOnDisk } from '../disk/disk.js';
import { graphOf } from '../history/head.js';
import { refreshIndex } from '../history/move-head.js';
import { keepBytes } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { followUndo } from './follow-undo.js';
import { recordOperation } from './operation.js';
import {
  planRestore,
  planUndo,
  type RecordedOperation,
  type RevertReason,
  type UndoTarget,
  type UndoView,
} from './plan-undo.js';
import { revertOperation } from './revert-operation.js';

/** What an undo did. */
export type UndoResult =
  | { readonly status: 'nothing-to-undo' }
  | {
      /** Refs, merge in progress and disk are what they were before it. */
      readonly status: 'undone';
      readonly operation: Operation;
      /** The operation that undid it: undoing that one does it again. */
      readonly by: number;
    }
  | {
      /** A new commit takes back what it changed. */
      readonly status: 'reverted';
      readonly operation: Operation;
      readonly by: number;
      readonly reason: RevertReason;
      readonly commit: Oid;
    }
  | {
      /** All it brought is gone already, or is the work of others. */
      readonly status: 'nothing-to-revert';
      readonly operation: Operation;
      readonly by: number;
      readonly reason: RevertReason;
    }
  | {
      /** The commit that takes it back waits for conflicts to be settled. */
      readonly status: 'conflicted';
      readonly operation: Operation;
      readonly reason: RevertReason;
      readonly conflicts: readonly Conflict[];
    };

/**
 * Undoes an operation: exactly where that is possible, else by a commit that takes back what it changed.
 *
 * Nothing that was pushed is unpushed. An undone undo is the operation again.
 *
 * @param id the newest operation that is not undone when left out
 * @throws {SyncError} `OPERATION_UNKNOWN`, `UNDO_IMPOSSIBLE`, `LOCAL_CHANGES` when work on disk that the store does not have is
 *   in the way, `MERGE_IN_PROGRESS`, `IDENTITY_MISSING`, `OBJECT_NOT_FOUND`
 */
export function undo(repo: Repository, id?: number): Promise<UndoResult> {
  return asSyncOperation(
    repo,
    'undo',
    () => undoNow(repo, id),
    (result) => ({
      result: result.status,
      ...('operation' in result ? { detail: { operation: result.operation.id } } : {}),
    }),
  );
}

async function undoNow(repo: Repository, id: number | undefined): Promise<UndoResult> {
  const { store } = repo;
  followUndo(repo);
  const operation = id === undefined ? store.operations.newestToUndo() : operationOf(store, id);
  if (!operation) return { status: 'nothing-to-undo' };
  const actor = await reflogActor(repo);
  return recordOperation(repo, `undo ${operation.id}`, async () => {
    const decision = store.transact(() => {
      const recorded = withPaths(store, operationOf(store, operation.id));
      const planned = planUndo(recorded, viewOf(store, recorded));
      if (planned.do === 'refuse') throw new SyncError('UNDO_IMPOSSIBLE', planned.reason, { hint: planned.hint });
      if (planned.do === 'restore') {
        goTo(repo, planned.target, actor, `undo: operation ${operation.id}`);
        store.operations.recordUndo(operation.id);
      }
      return planned;
    });
    if (decision.do === 'revert') return revertOperation(repo, operation, decision);
    const by = followUndo(repo)?.id ?? store.operations.get(operation.id)!.undoneBy!;
    return { status: 'undone', operation, by };
  });
}

/** What going back to an operation did. */
export type RestoredOperation =
  | { readonly status: 'up-to-date'; readonly operation: Operation }
  | {
      readonly status: 'restored';
      readonly operation: Operation;
      readonly by: number;
      readonly undone: readonly number[];
      /** Whether one of them pushed. */
      readonly pushed: boolean;
    };

/**
 * Brings refs, the merge in progress and the disk to what they were just after an operation. That can be undone as well.
 *
 * @throws {SyncError} as `undo`
 */
export function restoreOperation(repo: Repository, id: number): Promise<RestoredOperation> {
  return asSyncOperation(
    repo,
    'op restore',
    () => restoreNow(repo, id),
    ({ status }) => ({ result: status, detail: { operation: id } }),
  );
}

async function restoreNow(repo: Repository, id: number): Promise<RestoredOperation> {
  const { store } = repo;
  followUndo(repo);
  const actor = await reflogActor(repo);
  return recordOperation(repo, `op restore ${id}`, () => {
    const { operation, later, changed } = store.transact(() => {
      const operation = operationOf(store, id);
      const later = store.operations.list({ after: id }).map((each) => withPaths(store, each));
      const planned = planRestore(later, store.operations.refsAfter(id), viewOf(store, operation));
      if (planned.do === 'refuse') throw new SyncError('UNDO_IMPOSSIBLE', planned.reason, { hint: planned.hint });
      return { operation, later, changed: goTo(repo, planned.target, actor, `op restore: operation ${id}`) };
    });
    if (!changed) return { status: 'up-to-date', operation };
    const by = followUndo(repo)?.id ?? store.operations.list({ limit: 1 })[0]!.id;
    const pushed = later.some(({ moves }) =>
      moves.some(({ name, reason }) => name === ORIGIN_MAIN && reason === PUSHED),
    );
    return { status: 'restored', operation, by, undone: later.map((each) => each.id), pushed };
  });
}

/** @throws {SyncError} `OPERATION_UNKNOWN` */
function operationOf(store: Store, id: number): Operation {
  const operation = store.operations.get(id);
  if (operation) return operation;
  throw new SyncError('OPERATION_UNKNOWN', `there is no operation ${id}`, {
    hint: "'agent sync op log' lists them; old ones are forgotten.",
  });
}

function withPaths(store: Store, operation: Operation): RecordedOperation {
  return { ...operation, paths: store.operations.paths(operation.id) };
}

function viewOf(store: Store, { id }: Operation): UndoView {
  const refs = store.refs.list();
  const before = store.operations.refsAfter(id - 1);
  const graph = graphOf(store);
  return {
    branch: store.refs.head(),
    refs,
    merge: recordedMerge(store),
    originBefore: (before.has(ORIGIN_MAIN) ? before.get(ORIGIN_MAIN) : refs.get(ORIGIN_MAIN)) ?? undefined,
    contains: (tip, commit) => contains(graph, tip, commit),
  };
}

/**
 * Brings the store to a target, and notes what the disk has to do; wants to be in a transaction.
 *
 * @returns false when all was there already
 */
function goTo(repo: Repository, target: UndoTarget, actor: string, message: string): boolean {
  const { store, worktree } = repo;
  const merge = recordedMerge(store);
  const changes = planDisk(repo, target.paths, new Set(merge?.before.map(({ path }) => path)));
  const base = planBase(readBaseIfSound(worktree), target);
  const edits = [...target.refs].map(([name, oid]) => ({ name, expected: store.refs.get(name) ?? null, target: oid }));
  store.refs.update(edits, { actor, time: repo.clock.now().seconds, message });
  refreshIndex(store);
  const isOtherMerge = compareMerges(merge, target.merge) !== null;
  if (isOtherMerge && target.merge) store.merge.set({ ...target.merge, unfollowed: [] });
  else if (isOtherMerge) store.merge.clear();
  if (edits.length === 0 && changes.length === 0 && !base && !isOtherMerge) return false;
  store.operations.recordUnfollowed();
  store.operations.recordDisk(changes, base);
  return true;
}

function recordedMerge(store: Store): RecordedMerge | null {
  const state = store.merge.get();
  if (!state) return null;
  const { unfollowed: _, ...recorded } = state;
  return recorded;
}

/**
 * Plans what files have to become.
 *
 * @param settling paths of the merge in progress: what a person wrote there is kept in the store and may go, as in an abort
 * @throws {SyncError} `LOCAL_CHANGES`, `OBJECT_NOT_FOUND`
 */
function planDisk(repo: Repository, paths: readonly DiskChange[], settling: ReadonlySet<string>): DiskChange[] {
  const { store, worktree } = repo;
  const changes: DiskChange[] = [];
  const blocked: string[] = [];
  for (const { path, before: wanted } of paths) {
    if (settling.has(path)) keepBytes(repo, path);
    const found = hashOnDisk(worktree, path) ?? null;
    if (found === wanted) continue;
    if (found !== null && !store.objects.has(found)) blocked.push(path);
    else changes.push({ path, before: found, after: wanted });
  }
  refuseBlocked(blocked, "Run 'agent sync import' to keep them, or move them out of .agent/cache; then undo again.");
  for (const { path, after } of changes) {
    if (after === null || store.objects.has(after)) continue;
    throw new SyncError('OBJECT_NOT_FOUND', `what '${path}' held before is not in the store any more`);
  }
  return changes;
}

/** @throws {SyncError} `LOCAL_CHANGES` when the files come from elsewhere by now, such as from a `git checkout` */
function planBase(
  found: ExportBase | null,
  { base }: UndoTarget,
): { before: ExportBase | null; after: ExportBase | null } | undefined {
  if (!base || isSame(found, base.before)) return undefined;
  if (isSame(found, base.after)) return { before: found, after: base.before };
  throw new SyncError('LOCAL_CHANGES', 'the files on disk come from elsewhere than this operation left them', {
    hint: "After a 'git checkout', run 'agent sync import' first; then undo again.",
  });
}

function isSame(a: ExportBase | null, b: ExportBase | null): boolean {
  return a?.commit === b?.commit && a?.tree === b?.tree;
}
