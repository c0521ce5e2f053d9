import { beforeMergeChange, isSameMerge } from '../../core/merge/merge-change.js';
import type { Oid } from '../../core/object/oid.js';
import type {
  BaseChange,
  DiskChange,
  MergeChange,
  Operation,
  RecordedMerge,
  RefMove,
  RefName,
} from '../../core/ports.js';
import { ORIGIN_MAIN, PUSHED } from '../../core/ref/ref-names.js';

/** What refs, merge in progress and disk are to become. */
export interface UndoTarget {
  /** The refs that move; null for one that is to go. */
  readonly refs: ReadonlyMap<RefName, Oid | null>;
  readonly merge: RecordedMerge | null;
  /** Files with what they are to hold `before` it, and what they should hold now, `after` it. */
  readonly paths: readonly DiskChange[];
  /** Null where that stays. */
  readonly base: BaseChange | null;
}

/** What a store and its history look like now. */
export interface UndoView {
  /** The branch that `HEAD` names. */
  readonly branch: RefName;
  readonly refs: ReadonlyMap<RefName, Oid>;
  readonly merge: RecordedMerge | null;
  /** What `origin/main` was before the operation; undefined for none. */
  readonly originBefore: Oid | undefined;
  /** Whether a commit reaches another. */
  contains(tip: Oid, commit: Oid): boolean;
}

/** Why an operation is undone by a commit that reverts it. */
export type RevertReason =
  /** It pushed, or what it made was pushed since. */
  | 'pushed'
  /** Later operations built on it. */
  | 'buried';

/** What an operation did to a branch, to be taken back by a commit. */
export interface Reversion {
  readonly reason: RevertReason;
  readonly from: Oid | null;
  readonly to: Oid;
  /** What the origin had as far as the operation knew, apart from what it pushed. */
  readonly origin: Oid | undefined;
}

/** How to undo an operation. */
export type UndoDecision =
  | { readonly do: 'restore'; readonly target: UndoTarget }
  | ({ readonly do: 'revert' } & Reversion)
  | { readonly do: 'refuse'; readonly reason: string; readonly hint: string };

/** An operation and what it did to files on disk. */
export interface RecordedOperation extends Operation {
  readonly paths: readonly DiskChange[];
}

/**
 * Decides how to undo an operation: exactly, when it is the last that touched what it touched and nobody else has it yet; else by
 * a commit.
 */
export function planUndo(operation: RecordedOperation, view: UndoView): UndoDecision {
  const { id, undoneBy, closed } = operation;
  if (closed) return refuseClosed(id);
  if (undoneBy !== null) {
    return refuse(
      `operation ${id} is undone already, by operation ${undoneBy}`,
      `Do it again with 'agent sync undo ${undoneBy}'.`,
    );
  }
  const moves = netMoves(operation.moves);
  const head = moves.get(view.branch);
  const pushed = operation.moves.findLast(({ name, reason }) => name === ORIGIN_MAIN && reason === PUSHED);
  if (pushed) return planRevert('pushed', head ?? pushed, operation, view);
  if (head && isShared(head, operation, view)) return planRevert('pushed', head, operation, view);
  const isOnTop = ({ name, to }: RefMove) => (view.refs.get(name) ?? null) === to;
  if (head && !isOnTop(head)) return planRevert('buried', head, operation, view);
  const still = [...moves.values()].filter(isOnTop);
  if (still.length < moves.size && !head) {
    return refuse(`what operation ${id} moved was moved again since`, HOW_FAR_BACK);
  }
  const merge = mergeBefore(operation, view.merge);
  if (!merge) return refuse(`the merge that operation ${id} changed has gone on since`, HOW_FAR_BACK);
  return withSoundMerge(
    {
      refs: new Map(still.map(({ name, from }) => [name, from])),
      merge: merge.state,
      paths: merge.paths,
      base: operation.base,
    },
    view,
  );
}

/**
 * Decides how to get to what was just after an operation.
 *
 * @param later all operations after it, newest first
 * @param refs those that have moved since, and what they were
 */
export function planRestore(
  later: readonly RecordedOperation[],
  refs: ReadonlyMap<RefName, Oid | null>,
  view: UndoView,
): Exclude<UndoDecision, { do: 'revert' }> {
  let { merge } = view;
  let base: BaseChange | null = null;
  const paths = new Map<string, DiskChange>();
  const closed = later.find((operation) => operation.closed);
  if (closed) return refuseClosed(closed.id);
  for (const operation of later) {
    const before: RecordedMerge | null | undefined = operation.merge
      ? beforeMergeChange(merge, operation.merge)
      : merge;
    if (before === undefined) {
      return refuse(`the merge in progress is not as operation ${operation.id} left it`, HOW_FAR_BACK);
    }
    merge = before;
    if (operation.base) base = { before: operation.base.before, after: base ? base.after : operation.base.after };
    for (const change of operation.paths) {
      paths.set(change.path, { ...change, after: (paths.get(change.path) ?? change).after });
    }
  }
  const moved = new Map([...refs].filter(([name, oid]) => (view.refs.get(name) ?? null) !== oid));
  return withSoundMerge({ refs: moved, merge, paths: [...paths.values()], base }, view);
}

/** Where each ref came from and got to in the end, without those that came back. */
export function netMoves(moves: readonly RefMove[]): ReadonlyMap<RefName, RefMove> {
  const net = new Map<RefName, RefMove>();
  for (const move of moves) net.set(move.name, { ...move, from: (net.get(move.name) ?? move).from });
  for (const [name, { from, to }] of net) if (from === to) net.delete(name);
  return net;
}

/** What `origin/main` was to an operation, before it pushed itself. */
function originSeen({ moves }: Operation, { originBefore }: UndoView): Oid | undefined {
  const fetched = moves.findLast(({ name, reason }) => name === ORIGIN_MAIN && reason !== PUSHED);
  return fetched ? (fetched.to ?? undefined) : originBefore;
}

/** Whether going back would drop a commit that the operation made and others have by now. */
function isShared({ from, to }: RefMove, operation: Operation, view: UndoView): boolean {
  if (to === null || (from !== null && view.contains(from, to))) return false;
  const seen = originSeen(operation, view);
  if (seen !== undefined && view.contains(seen, to)) return false;
  const origin = view.refs.get(ORIGIN_MAIN);
  return origin !== undefined && view.contains(origin, to);
}

function planRevert(reason: RevertReason, { from, to }: RefMove, operation: Operation, view: UndoView): UndoDecision {
  if (to === null) return refuse('what it removed cannot be brought back by a commit', HOW_FAR_BACK);
  if (view.merge) return refuseDuring(view.merge, 'undoing this takes a commit');
  return { do: 'revert', reason, from, to, origin: originSeen(operation, view) };
}

/** The merge in progress before an operation, and what the disk was to hold then; undefined when that cannot be told. */
function mergeBefore(
  { merge: change, paths }: RecordedOperation,
  now: RecordedMerge | null,
): { readonly state: RecordedMerge | null; readonly paths: readonly DiskChange[] } | undefined {
  if (!change) return { state: now, paths };
  const state = beforeMergeChange(now, change);
  if (state !== undefined) return { state, paths };
  if (!now || !hasBegun(change, now)) return undefined;
  // As in an abort: whatever was answered since, and whoever answered.
  const touched = new Map<string, DiskChange>(paths.map((path) => [path.path, path]));
  for (const { path, oid } of now.before) touched.set(path, { path, after: oid, ...touched.get(path), before: oid });
  return { state: null, paths: [...touched.values()] };
}

function hasBegun(change: MergeChange, now: RecordedMerge): boolean {
  return 'before' in change && change.before === null && change.after !== null && isSameMerge(change.after, now);
}

/** A merge in progress belongs to the commit that it began at. */
function withSoundMerge(target: UndoTarget, view: UndoView): Exclude<UndoDecision, { do: 'revert' }> {
  const { refs, merge } = target;
  if (!merge) return { do: 'restore', target };
  const head = refs.has(view.branch) ? refs.get(view.branch) : view.refs.get(view.branch);
  const wanted = merge.rebase && merge.theirs !== null ? merge.rebase.head : merge.ours;
  if ((head ?? null) === wanted) return { do: 'restore', target };
  return view.merge
    ? refuseDuring(view.merge, 'it would then be about another HEAD')
    : refuse('HEAD has moved since that merge was in progress', HOW_FAR_BACK);
}

function refuse(reason: string, hint: string): Extract<UndoDecision, { do: 'refuse' }> {
  return { do: 'refuse', reason, hint };
}

function refuseClosed(id: number): Extract<UndoDecision, { do: 'refuse' }> {
  return refuse(
    `operation ${id} was before an erasure, which ended what can be undone`,
    'What is wrong now can be put right by new commits.',
  );
}

const HOW_FAR_BACK = "Undo the later operations first: 'agent sync op log' lists them.";

function refuseDuring({ rebase }: RecordedMerge, why: string): Extract<UndoDecision, { do: 'refuse' }> {
  const what = rebase ? 'rebase' : 'merge';
  return refuse(
    `a ${what} is in progress, and ${why}`,
    `Settle and finish it with 'agent sync resolve' and 'agent sync ${what} --continue', or go back with 'agent sync ${what} --abort'.`,
  );
}
