import { readTombstone, tombstoneOf } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import type { ErasedTraces } from '../../core/ports.js';
import { readBaseIfSound } from '../disk/base.js';
import { filesOf, readDisk } from '../disk/disk.js';
import { refreshIndex } from '../history/move-head.js';
import { gc } from '../maintenance/gc.js';
import type { Repository } from '../repository.js';

/** What an erasure did here. */
export interface Erased {
  readonly traces: ErasedTraces;
  /** Files that show now that their contents were erased. */
  readonly written: readonly string[];
  /** Files that somebody has edited and not imported, in place of a version that was erased: they are left alone. */
  readonly edited: readonly string[];
  /** False while somebody else has the store open, or a merge waits: the bytes go from the file later. */
  readonly finished: boolean;
  /** Copies of the store beside it, which hold what they held. */
  readonly copies: readonly string[];
}

/**
 * Erases in the store, in one transaction, and then from everything around it.
 *
 * A process that is killed in between leaves a mark in the store, and whoever opens it next goes on.
 */
export function eraseHere(repo: Repository, erase: () => ErasedTraces): Erased {
  const { store } = repo;
  const traces = store.transact(() => {
    const done = erase();
    refreshIndex(store);
    return done;
  });
  return { traces, ...finishErasure(repo) };
}

/** Brings the disk along, lets go what nothing names, and has SQLite write its file anew, without what was erased. */
export function finishErasure(repo: Repository): Omit<Erased, 'traces'> {
  const { store, files } = repo;
  const { written, edited } = eraseOnDisk(repo);
  // A merge that waits has texts of its own; they go when it is done.
  if (store.erasures.unfinished() === 'contents' && !store.merge.get()) {
    store.erasures.forgetUndo();
    if (collect(repo)) store.erasures.setUnfinished('file');
  }
  if (store.erasures.unfinished() === 'file' && store.garbage.compact()) store.erasures.setUnfinished(undefined);
  const finished = store.erasures.unfinished() === undefined;
  return { written, edited, finished, copies: files.copies() };
}

/** Has files show that they were erased, and finds those that somebody has edited since. */
function eraseOnDisk({ store, worktree }: Repository): Pick<Erased, 'written' | 'edited'> {
  const { erasures, objects } = store;
  const disk = readDisk(store, worktree).files;
  const written = [...disk].flatMap(([path, oid]) => {
    if (!erasures.has(oid)) return [];
    const bytes = worktree.read(path);
    if (readTombstone(bytes) === oid || objects.hash('blob', bytes) !== oid) return [];
    worktree.write(path, tombstoneOf(oid));
    return [path];
  });
  const tree = readBaseIfSound(worktree)?.tree;
  const base = filesOf(objects, tree !== undefined && objects.has(tree) ? tree : null);
  const edited = [...base].flatMap(([path, oid]) => {
    const found = disk.get(path);
    return found !== undefined && found !== oid && erasures.has(oid) ? [path] : [];
  });
  return { written, edited };
}

/** Where something that is needed cannot be read, nothing is collected; `doctor` tells. */
function collect(repo: Repository): boolean {
  try {
    gc(repo, { graceDays: 0 });
    return true;
  } catch (error) {
    if (error instanceof SyncError) return false;
    throw error;
  }
}
