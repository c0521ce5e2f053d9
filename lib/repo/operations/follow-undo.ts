import type { Operation } from '../../core/ports.js';
import { planCheckout, runCheckout } from '../disk/checkout.js';
import { hashOnDisk } from '../disk/disk.js';
import type { Repository } from '../repository.js';

/**
 * Brings the disk to what an undo came to, wherever that has not been done yet; what was written there meanwhile is left alone.
 *
 * The store is locked meanwhile: of several processes that find it undone, one does it.
 *
 * @returns the operation that the disk has followed; undefined when there was none
 * @throws {SyncError} `FILE_UNREADABLE`, `FILE_UNWRITABLE`; it is then done by the next command
 */
export function followUndo({ store, worktree }: Repository): Operation | undefined {
  return store.transact(() => {
    const operation = store.operations.unfollowed();
    if (!operation) return undefined;
    const plan = planCheckout(store.operations.paths(operation.id), (path) => hashOnDisk(worktree, path));
    runCheckout(store.objects, worktree, plan);
    // Where the base stays, this makes the files durable.
    worktree.writeBase(operation.base ? operation.base.after : worktree.readBase());
    store.operations.setFollowed(operation.id);
    return operation;
  });
}
