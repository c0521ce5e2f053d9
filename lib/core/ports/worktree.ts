/** `.agent/cache` on disk. */
import type { Oid } from '../object/oid.js';
import type { FileStat } from './store.js';

/** The tree that the files on disk started from, as recorded beside them. */
export interface ExportBase {
  readonly commit: Oid;
  readonly tree: Oid;
}

/** One artifact file found on disk. */
export interface WorktreeFile extends FileStat {
  /** Below `.agent/cache`, with `/`. */
  readonly path: string;
}

/** What a scan found. */
export interface WorktreeScan {
  /** When it began, in nanoseconds since the epoch; `isSettled` wants to know. */
  readonly startedAt: bigint;
  /** Sorted by path, in byte order. */
  readonly files: readonly WorktreeFile[];
  /** Entries passed over, such as symbolic links, each with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * `.agent/cache` on disk. No call reads or writes outside its root, nor follows a symbolic link.
 *
 * All calls throw {@link SyncError} with `PATH_UNSAFE` for a path that no scan could find, and `PATH_OUTSIDE_CACHE` for
 * a folder that is a symbolic link.
 */
export interface Worktree {
  readonly root: string;
  /** Markdown files below `plans/`, `stories/` and `runbooks/`. */
  scan(): WorktreeScan;
  /**
   * @returns undefined when there is no such file
   * @throws {SyncError} `FILE_UNREADABLE` when there is something else, such as a symbolic link
   */
  stat(path: string): WorktreeFile | undefined;
  /**
   * @throws {SyncError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`
   */
  read(path: string): Uint8Array;
  /**
   * Replaces the file in one step (write beside, fsync, rename) and answers its stat.
   *
   * @throws {SyncError} `FILE_UNWRITABLE`
   */
  write(path: string, bytes: Uint8Array): WorktreeFile;
  /**
   * Removes the file and the folders it leaves empty; nothing happens when it is not there.
   *
   * @throws {SyncError} `FILE_UNWRITABLE`
   */
  remove(path: string): void;
  /**
   * Turns a path as a user types it into one below the root, with `/`; empty for the root itself.
   *
   * @param cwd absolute; what a relative path is relative to
   * @throws {SyncError} `PATH_OUTSIDE_CACHE`, also when a symbolic link leads out
   */
  resolvePath(userPath: string, cwd: string): string;
  /** @throws {SyncError} `BASE_INVALID` */
  readBase(): ExportBase | null;
  /** Comes last: what was written and removed before is made durable first. */
  writeBase(base: ExportBase | null): void;
}
