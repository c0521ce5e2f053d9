/** Operations: what each command changed here, so that it can be undone. */
import type { Oid } from '../object/oid.js';
import type { ConflictAnswer, MergeState } from './merge-state.js';
import type { RefName } from './refs.js';
import type { ExportBase } from './worktree.js';

/** One move of a ref, with the reason that the reflog gives. */
export interface RefMove {
  readonly name: RefName;
  readonly from: Oid | null;
  readonly to: Oid | null;
  readonly reason: string;
}

/** What became of a path on disk, as blob ids; null for no file. */
export interface DiskChange {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** What became of the file that says where the Markdown beside it comes from. */
export interface BaseChange {
  readonly before: ExportBase | null;
  readonly after: ExportBase | null;
}

/** A merge in progress once the disk shows all of it. */
export type RecordedMerge = Omit<MergeState, 'unfollowed'>;

/** A conflict's answer before and after. */
export interface AnswerChange {
  readonly path: string;
  readonly before: ConflictAnswer;
  readonly after: ConflictAnswer;
}

/** What became of the merge in progress: all of it, or answers to some of its conflicts. */
export type MergeChange =
  | { readonly before: RecordedMerge | null; readonly after: RecordedMerge | null }
  | { readonly answers: readonly AnswerChange[] };

/** A command that changed something here. */
export interface Operation {
  /** From 1, in the order in which they began to change something. */
  readonly id: number;
  /** What was asked for, such as `sync pull`. */
  readonly command: string;
  /** An actor id, or `nobody`. */
  readonly actor: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The operation that this one undid. */
  readonly undoes: number | null;
  /** The operation that undid this one, unless that was undone in turn. */
  readonly undoneBy: number | null;
  /** In order. */
  readonly moves: readonly RefMove[];
  /** Null when it stayed. */
  readonly merge: MergeChange | null;
  /** Null when it stayed. */
  readonly base: BaseChange | null;
  /** How many files on disk changed. */
  readonly files: number;
  /** It was before an erasure, and cannot be undone any more: what it changed is not told. */
  readonly closed: boolean;
}

/** What is about to be done. */
export interface OperationStart {
  readonly command: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** It is an operation of its own even within another. */
  readonly apart?: boolean;
}

/** The log of operations. Refs and the merge in progress record their own changes; the disk's are told. */
export interface OperationStore {
  /**
   * Takes what changes from now on for one operation, until the function that this answers is called. Within another
   * operation it is part of that one, unless it is to stand apart. Nothing is written unless something changes, and then together with it.
   */
  begin(operation: OperationStart): () => void;
  /** Notes what is about to happen to the disk; wants to be in the transaction that decides it. */
  recordDisk(changes: readonly DiskChange[], base?: BaseChange): void;
  /** Says that the operation under way undoes another. */
  recordUndo(undone: number): void;
  /** Says that the disk has still to follow the operation under way. */
  recordUnfollowed(): void;
  /** The operation that the disk has still to follow, because the process that went back was killed. */
  unfollowed(): Operation | undefined;
  setFollowed(id: number): void;
  get(id: number): Operation | undefined;
  /** The newest one that undoes none and is not undone. */
  newestToUndo(): Operation | undefined;
  /** Newest first. */
  list(options?: { readonly limit?: number; readonly after?: number }): Operation[];
  /** Sorted by path. */
  paths(id: number): DiskChange[];
  /** The refs that have moved since an operation was done, and what they were then; null where there was none. */
  refsAfter(id: number): ReadonlyMap<RefName, Oid | null>;
  /** Every object that an operation names. */
  oids(): Iterable<{ readonly operation: number; readonly oid: Oid }>;
  /**
   * Forgets the operations that are older; those cannot be undone any more.
   *
   * @param time seconds since the epoch
   * @returns how many
   */
  prune(time: number): number;
}
