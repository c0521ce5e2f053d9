/** What nothing names any more, and what keeps the rest. */
import type { Oid } from '../object/oid.js';

/** Before which times what is remembered is forgotten, in seconds since the epoch. */
export interface LogExpiry {
  /** Entries of the reflog and operations that could be undone, except the last few. */
  readonly logs: number;
  /** Recorded resolutions of conflicts. */
  readonly resolutions: number;
}

/** The ids that keep objects: theirs, and all that these need. */
export interface ObjectRoots {
  /** Named by refs, or by the merge in progress: they have to be there. */
  readonly live: readonly Oid[];
  /** Named by the reflog, operations, conflicts, resolutions, settings and what waits in the queue: some may not be there. */
  readonly remembered: readonly Oid[];
}

/** How many rows of each kind were forgotten, or would be. */
export interface ForgottenLogs {
  readonly reflog: number;
  readonly operations: number;
  readonly resolutions: number;
}

/** The room that a store takes on disk. */
export interface StoreSpace {
  /** Bytes of the database. */
  readonly file: number;
  /** Bytes of it that hold nothing. */
  readonly free: number;
}

/** What `gc` needs of a store. What is read and what is removed on the word of it belong into one transaction. */
export interface GarbageStore {
  /** What a gc that forgets what is older than `expiry` has to keep. */
  roots(expiry: LogExpiry): ObjectRoots;
  /** Counts what `forgetLogs` would forget. */
  oldLogs(expiry: LogExpiry): ForgottenLogs;
  forgetLogs(expiry: LogExpiry): void;
  /** Forgets all that could bring back what was here before: operations, the reflog of all but remote-tracking refs, resolutions. */
  forgetLocal(): void;
  /** The objects that an earlier gc found unreachable, and when it did, in seconds since the epoch. */
  noted(): ReadonlyMap<Oid, number>;
  note(oids: Iterable<Oid>, since: number): void;
  unnote(oids: Iterable<Oid>): void;
  /** The bytes that objects take in the store. */
  sizeOf(oids: Iterable<Oid>): number;
  remove(oids: Iterable<Oid>): void;
  space(): StoreSpace;
  /**
   * Gives free room back to the disk. Others who write wait meanwhile.
   *
   * @returns false when somebody was in the way, which does no harm
   */
  compact(): boolean;
}
