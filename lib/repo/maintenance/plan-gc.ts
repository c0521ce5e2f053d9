import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { EMPTY_TREE, references } from '../../core/object/read.js';
import type { ObjectStore } from '../../core/ports.js';

/** What nothing names, at the moment of deciding. */
export interface Unreachable {
  readonly oids: readonly Oid[];
  /** Objects stored so lately that whoever stored them may still be about to name them. */
  readonly fresh: readonly Oid[];
  /** When an earlier gc found an object unreachable, in seconds since the epoch. */
  readonly noted: ReadonlyMap<Oid, number>;
}

/** What becomes of it. */
export interface GcPlan {
  readonly remove: readonly Oid[];
  /** What waits for its time, and was not known to be unreachable before. */
  readonly note: readonly Oid[];
  /** What was known to be unreachable, and is named again. */
  readonly unnote: readonly Oid[];
  /** How many objects wait for their time. */
  readonly waiting: number;
}

/**
 * Decides which unreachable objects go: those whose time is over, unless one that stays needs them. What stays therefore
 * stays whole, so that whoever finds a commit in the store finds its files as well.
 *
 * @param grace seconds that an object stays after it was first found unreachable; 0 lets it go at once
 * @see git-prune(1), `--expire`, and gitrevisions' "recent objects" in git-gc(1)
 */
export function planGc(
  objects: Pick<ObjectStore, 'read' | 'typeOf'>,
  { oids, fresh, noted }: Unreachable,
  now: number,
  grace: number,
): GcPlan {
  const isOver = (oid: Oid) => grace === 0 || (noted.get(oid) ?? now) + grace <= now;
  const over = new Set(oids.filter(isOver));
  const waiting = oids.filter((oid) => !over.has(oid));
  const rescued = rescue(objects, [...fresh, ...waiting], over);
  const unreachable = new Set([...oids, ...fresh]);
  return {
    remove: [...over],
    note: [...waiting, ...rescued].filter((oid) => !noted.has(oid)),
    unnote: [...noted.keys()].filter((oid) => !unreachable.has(oid)),
    waiting: waiting.length + rescued.length,
  };
}

/** Takes out of `over` what `staying` objects need, and answers what that was. */
function rescue(
  objects: Pick<ObjectStore, 'read' | 'typeOf'>,
  staying: readonly Oid[],
  over: Set<Oid>,
): readonly Oid[] {
  const rescued: Oid[] = [];
  const pending = over.size > 0 ? [...staying] : [];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const needed of named(objects, oid)) {
      if (!over.delete(needed)) continue;
      rescued.push(needed);
      pending.push(needed);
    }
  }
  return rescued;
}

/** What an unreachable object names; it may be incomplete, or damaged, and nobody has missed it. */
function named(objects: Pick<ObjectStore, 'read' | 'typeOf'>, oid: Oid): readonly Oid[] {
  if (oid === EMPTY_TREE || objects.typeOf(oid) === 'blob') return [];
  try {
    return references(objects.read(oid)).map((reference) => reference.oid);
  } catch (error) {
    if (error instanceof SyncError) return [];
    throw error;
  }
}
