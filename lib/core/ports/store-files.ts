/** The files that stores are in. */
import type { Store } from './store.js';

/** How to copy a store. */
export interface CopyOptions {
  /** Takes the place of a file that is there already. */
  readonly overwrite?: boolean;
  /** Looks at the copy before it gets its name, brought to the schema of today; throws to have none. */
  readonly check?: (copy: Store) => void;
}

/** The file that a project's store is in, and copies of it. */
export interface StoreFiles {
  /** Absolute; there need not be such a file. */
  readonly path: string;
  exists(): boolean;
  /**
   * Copies a store as it is at one moment, whatever others write meanwhile, into one file that appears when it is complete.
   *
   * @param from absolute, as `to`
   * @returns its size in bytes
   * @throws {SyncError} `FILE_UNWRITABLE` also when `to` is there already; `FILE_NOT_FOUND`; `STORE_CORRUPT`, `STORE_TOO_NEW`,
   *   `STORE_BUSY`, `STORE_FAILED`
   */
  copy(from: string, to: string, options?: CopyOptions): Promise<number>;
  /**
   * Gives the project's store the contents of another, in one step for everybody who has it open.
   *
   * @throws {SyncError} `STORE_BUSY` when somebody writes and does not finish; nothing is changed then
   */
  fill(from: string): Promise<void>;
  /**
   * Puts a copy of the project's store beside it, byte for byte where it cannot be read as a store.
   *
   * @param suffix what the name of the copy ends in
   * @returns where it is
   */
  keep(suffix: string): Promise<string>;
  /** What commands that were killed left beside the store: copies that were never finished. */
  leftovers(): string[];
  /** Copies that lie beside the store: kept by restores, or made there by hand. */
  copies(): string[];
  /** Removes a copy; nothing happens when there is none. */
  remove(path: string): void;
}
