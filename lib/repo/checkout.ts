import type { TreeChange } from '../core/diff/diff-trees.js';
import { SyncError } from '../core/errors.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import type { ObjectReader, Worktree } from '../core/ports.js';

/** What to do to the files on disk. */
export interface CheckoutPlan {
  readonly write: readonly { readonly path: string; readonly oid: Oid }[];
  readonly remove: readonly string[];
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
  changes: readonly TreeChange[],
  onDisk: (path: string) => Oid | undefined,
  mayReplace: (oid: Oid) => boolean = () => false,
): CheckoutPlan {
  const write: { path: string; oid: Oid }[] = [];
  const remove: string[] = [];
  const blocked: string[] = [];
  for (const { path, before, after } of changes) {
    const found = onDisk(path);
    if (found === after?.oid) continue;
    if (found !== undefined && found !== before?.oid && !mayReplace(found)) blocked.push(path);
    else if (after) write.push({ path, oid: after.oid });
    else remove.push(path);
  }
  return { write, remove, blocked };
}

/**
 * Refuses a plan that would overwrite what the store does not have.
 *
 * @throws {SyncError} `LOCAL_CHANGES`, naming the files
 */
export function refuseBlocked(plan: CheckoutPlan, hint: string): void {
  if (plan.blocked.length === 0) return;
  const shown = plan.blocked.slice(0, 20).map((path) => `\n  ${path}`);
  const more = plan.blocked.length > 20 ? `\n  and ${plan.blocked.length - 20} more` : '';
  throw new SyncError(
    'LOCAL_CHANGES',
    `files on disk have changes that are not in the store and would be overwritten:${shown.join('')}${more}`,
    { hint },
  );
}

/**
 * Carries a plan out, removals first, so that a file can give way to a folder of its name. Blocked paths are left alone.
 *
 * @throws {SyncError} `FILE_UNREADABLE` when the disk refuses
 */
export function runCheckout(objects: ObjectReader, worktree: Worktree, plan: CheckoutPlan): void {
  for (const path of plan.remove) worktree.remove(path);
  for (const { path, oid } of plan.write) worktree.write(path, readBlob(objects, oid));
}
