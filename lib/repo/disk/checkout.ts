import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import type { ObjectReader, Worktree } from '../../core/ports.js';
import { hashOnDisk, type PathChange } from './disk.js';

/** A file that is to go, and the blob id that was found there. */
export interface PlannedRemoval {
  readonly path: string;
  readonly found: Oid | undefined;
}

/** A file that is to hold a blob. */
export interface PlannedWrite extends PlannedRemoval {
  readonly oid: Oid;
}

/** What to do to the files on disk. */
export interface CheckoutPlan {
  readonly write: readonly PlannedWrite[];
  readonly remove: readonly PlannedRemoval[];
  /** Paths whose bytes on disk are neither what they were nor what they are to be: unimported work. */
  readonly blocked: readonly string[];
}

/**
 * Plans how the disk follows a change of trees.
 *
 * @param changes from the tree that the disk is based on to the tree that it is to show
 * @param onDisk the blob id at a path, undefined where there is no file
 * @param mayReplace tells of other bytes that may be replaced, because nothing is lost by it
 */
export function planCheckout(
  changes: readonly PathChange[],
  onDisk: (path: string) => Oid | undefined,
  mayReplace: (oid: Oid) => boolean = () => false,
): CheckoutPlan {
  const write: PlannedWrite[] = [];
  const remove: PlannedRemoval[] = [];
  const blocked: string[] = [];
  for (const { path, before, after } of changes) {
    const found = onDisk(path);
    if (found === (after ?? undefined)) continue;
    if (found !== undefined && found !== before && !mayReplace(found)) blocked.push(path);
    else if (after !== null) write.push({ path, found, oid: after });
    else remove.push({ path, found });
  }
  return { write, remove, blocked };
}

/** What carrying a plan out changes on disk. */
export function plannedChanges({ write, remove }: CheckoutPlan): PathChange[] {
  return [
    ...remove.map(({ path, found }) => ({ path, before: found ?? null, after: null })),
    ...write.map(({ path, found, oid }) => ({ path, before: found ?? null, after: oid })),
  ];
}

/**
 * Refuses to overwrite what the store does not have.
 *
 * @param blocked the files
 * @throws {SyncError} `LOCAL_CHANGES`, naming them
 */
export function refuseBlocked(blocked: readonly string[], hint: string): void {
  if (blocked.length === 0) return;
  const shown = blocked.slice(0, 20).map((path) => `\n  ${path}`);
  const more = blocked.length > 20 ? `\n  and ${blocked.length - 20} more` : '';
  throw new SyncError(
    'LOCAL_CHANGES',
    `files on disk have changes that are not in the store and would be overwritten:${shown.join('')}${more}`,
    { hint },
  );
}

/**
 * Carries a plan out, removals first, so that a file can give way to a folder of its name.
 *
 * @returns the paths left alone: those that were blocked, and those where somebody has put something else since
 * @throws {SyncError} `FILE_UNREADABLE`, `FILE_UNWRITABLE` when the disk refuses
 */
export function runCheckout(objects: ObjectReader, worktree: Worktree, plan: CheckoutPlan): string[] {
  const late: string[] = [];
  const isAsPlanned = ({ path, found }: PlannedRemoval) => {
    // A checkout of many files takes seconds, in which people and other processes go on writing.
    const same = hashOnDisk(worktree, path) === found;
    if (!same) late.push(path);
    return same;
  };
  for (const file of plan.remove) if (isAsPlanned(file)) worktree.remove(file.path);
  for (const file of plan.write) if (isAsPlanned(file)) worktree.write(file.path, readBlob(objects, file.oid));
  return [...plan.blocked, ...late];
}
