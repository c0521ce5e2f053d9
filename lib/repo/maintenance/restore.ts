import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import type { Clock, Entropy, Store, StoreFiles, Worktree } from '../../core/ports.js';
import { headCommit } from '../history/head.js';
import { checkStore } from './backup.js';

/** A project's store, and the backup to restore. */
export interface RestoreRequest {
  readonly files: StoreFiles;
  readonly worktree: Worktree;
  /** Opens the project's store. */
  readonly openStore: () => Store;
  /** Absolute. */
  readonly file: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** What a restore did. */
export interface RestoreResult {
  /** Where the store is kept that was there before; null when there was none. */
  readonly kept: string | null;
  /** What `HEAD` was before, where that could be read. */
  readonly before: Oid | null;
  /** What `HEAD` is now. */
  readonly head: Oid | null;
  readonly objects: number;
  /** Whether a merge or rebase waits in the restored store. */
  readonly merging: boolean;
  /** The commit that the files on disk come from, where the restored store does not have it. */
  readonly unknownBase: Oid | null;
}

/**
 * Gives a project's store the contents of a backup, once that has been checked and the present store was copied beside it.
 * No file on disk is touched.
 *
 * Others may have the store open: they see all of it before, or all of it after.
 *
 * @throws {SyncError} `STORE_CORRUPT` when something is wrong with the backup; `FILE_NOT_FOUND`, `STORE_TOO_NEW`,
 *   `STORE_BUSY`; nothing is changed then
 */
export async function restore({
  files,
  worktree,
  openStore,
  file,
  clock,
  entropy,
}: RestoreRequest): Promise<RestoreResult> {
  if (file === files.path) {
    throw new SyncError('FILE_UNREADABLE', `${file} is the store itself`, { hint: 'Name the backup.' });
  }
  const name = `${clock.now().seconds}-${entropy.uuid().slice(0, 8)}`;
  const draft = `${files.path}.restoring-${name}`;
  let objects = 0;
  try {
    const check = (copy: Store) => {
      objects = checkStore(copy, file, ANOTHER);
      // What lstat said of other files, at another time or on another machine.
      copy.stats.save(new Map([...copy.stats.load().keys()].map((path) => [path, null])));
    };
    await files.copy(file, draft, { check }).catch((error) => {
      // The project's store is sound: what helps a damaged one is no help here.
      if (!(error instanceof SyncError && error.code === 'STORE_CORRUPT')) throw error;
      throw new SyncError('STORE_CORRUPT', error.message, { hint: ANOTHER, cause: error });
    });
    const before = files.exists() ? readHead(openStore) : null;
    const kept = files.exists() ? await files.keep(`before-restore-${name}`) : null;
    try {
      await files.fill(draft);
    } catch (error) {
      if (kept) files.remove(kept);
      throw error;
    }
    return { kept, before, objects, ...look(openStore, worktree) };
  } finally {
    files.remove(draft);
  }
}

const ANOTHER = 'Nothing was changed. Restore another backup.';

function look(openStore: () => Store, worktree: Worktree): Pick<RestoreResult, 'head' | 'merging' | 'unknownBase'> {
  const store = openStore();
  try {
    const base = readBase(worktree);
    const isKnown = base === null || store.objects.has(base.tree);
    const merging = store.merge.get() !== undefined;
    return { head: headCommit(store), merging, unknownBase: isKnown ? null : base.commit };
  } finally {
    store.close();
  }
}

function readBase(worktree: Worktree): ReturnType<Worktree['readBase']> {
  try {
    return worktree.readBase();
  } catch (error) {
    if (error instanceof SyncError) return null;
    throw error;
  }
}

/** A store that cannot be read is why it is restored. */
function readHead(openStore: () => Store): Oid | null {
  try {
    const store = openStore();
    try {
      return headCommit(store);
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof SyncError) return null;
    throw error;
  }
}
