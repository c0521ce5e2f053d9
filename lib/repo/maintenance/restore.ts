import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import type { AuditHead, Clock, Entropy, Store, StoreFiles, Worktree } from '../../core/ports.js';
import { seeRefs, writeEntry } from '../audit/write-entry.js';
import { headCommit } from '../history/head.js';
import type { Repository } from '../repository.js';
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
    const earlier = files.exists() ? readHeads(openStore) : NOTHING;
    const kept = files.exists() ? await files.keep(`before-restore-${name}`) : null;
    try {
      await files.fill(draft);
    } catch (error) {
      if (kept) files.remove(kept);
      throw error;
    }
    const restored = openStore();
    try {
      tellAudit({ store: restored, clock, entropy }, earlier);
      return { kept, before: earlier.head, objects, ...look(restored, worktree) };
    } finally {
      restored.close();
    }
  } finally {
    files.remove(draft);
  }
}

const ANOTHER = 'Nothing was changed. Restore another backup.';

/** The chain goes on from the backup's end; that of the store that was there before is in the copy beside it. */
function tellAudit(repo: Pick<Repository, 'store' | 'clock' | 'entropy'>, { head, audit }: Heads): void {
  const done = { operation: 'restore', actor: repo.store.actors.lastOwn() ?? 'nobody', before: seeRefs(repo.store) };
  writeEntry(repo, done, { result: 'done', detail: { head, replaced: audit } });
}

function look(store: Store, worktree: Worktree): Pick<RestoreResult, 'head' | 'merging' | 'unknownBase'> {
  const base = readBase(worktree);
  const isKnown = base === null || store.objects.has(base.tree);
  const merging = store.merge.get() !== undefined;
  return { head: headCommit(store), merging, unknownBase: isKnown ? null : base.commit };
}

function readBase(worktree: Worktree): ReturnType<Worktree['readBase']> {
  try {
    return worktree.readBase();
  } catch (error) {
    if (error instanceof SyncError) return null;
    throw error;
  }
}

/** How far a store had come. */
interface Heads {
  readonly head: Oid | null;
  readonly audit: AuditHead | null;
}

const NOTHING: Heads = { head: null, audit: null };

/** A store that cannot be read is why it is restored. */
function readHeads(openStore: () => Store): Heads {
  try {
    const store = openStore();
    try {
      return { head: headCommit(store), audit: store.audit.head() ?? null };
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof SyncError) return NOTHING;
    throw error;
  }
}
