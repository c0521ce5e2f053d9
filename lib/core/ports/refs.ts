/** Refs and their log. */
import type { Oid } from '../object/oid.js';

/** A full ref name, such as `HEAD`, `refs/heads/main` or `refs/remotes/origin/main`. */
export type RefName = string;

/** One compare-and-set of a ref. `null` stands for "does not exist". */
export interface RefEdit {
  readonly name: RefName;
  readonly expected: Oid | null;
  readonly target: Oid | null;
}

/** Who moved a ref, when and why; written with the move, in one transaction. */
export interface ReflogNote {
  readonly actor: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly message: string;
}

/** One line of a ref's log, newest first when listed. */
export interface ReflogEntry extends ReflogNote {
  readonly name: RefName;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

/** Refs and their log. `HEAD` is symbolic and always points at a branch. */
export interface RefStore {
  /** The commit a ref points at, following `HEAD`; undefined for a ref that does not exist or an unborn branch. */
  get(name: RefName): Oid | undefined;
  /** The branch that `HEAD` names. */
  head(): RefName;
  /** All direct refs below `prefix`, by name. */
  list(prefix?: string): ReadonlyMap<RefName, Oid>;
  /**
   * Applies all edits or none, each with its reflog entry.
   *
   * @throws {SyncError} `REF_CHANGED` when an `expected` value no longer holds, `OBJECT_NOT_FOUND` for a missing target
   */
  update(edits: readonly RefEdit[], note: ReflogNote): void;
  /** @returns the log of `name`, newest first */
  reflog(name: RefName): ReflogEntry[];
}
