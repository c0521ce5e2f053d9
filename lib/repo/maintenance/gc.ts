import { SyncError } from '../../core/errors.js';
import { markReachable } from '../../core/graph/mark.js';
import type { ObjectName } from '../../core/graph/reachable.js';
import type { Oid } from '../../core/object/oid.js';
import { EMPTY_TREE } from '../../core/object/read.js';
import type { ForgottenLogs, LogExpiry, ObjectStore, ObjectType, Store, Worktree } from '../../core/ports.js';
import { GC_COUNT, ORIGIN_REGISTERED } from '../../core/setting-names.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';
import { type GcPlan, planGc } from './plan-gc.js';

/** How to collect. */
export interface GcOptions {
  /** Days that an object stays after it was first found unreachable; 14 when left out, and 0 lets it go at once. */
  readonly graceDays?: number;
  /** Says what would be done, and writes nothing. */
  readonly dryRun?: boolean;
}

/** What a gc did, or would do. */
export interface GcResult {
  readonly dryRun: boolean;
  /** Objects that something names. */
  readonly reachable: number;
  /** Objects that nothing names, and whose time is not over. */
  readonly waiting: number;
  readonly removed: number;
  /** Bytes that the removed objects took. */
  readonly bytes: number;
  /** Entries of the logs that were too old. */
  readonly forgotten: ForgottenLogs;
  /** Bytes of the database file before and after. */
  readonly file: { readonly before: number; readonly after: number };
}

const DAY = 24 * 60 * 60;
/** As `gc.pruneExpire`, `gc.reflogExpire` and `gc.rerereResolved` of git. @see git-config(1) */
const GRACE_DAYS = 14;
const LOG_DAYS = 90;
const RESOLUTION_DAYS = 60;
/** Below this the room is soon used again. */
const WORTH_COMPACTING = 0.2;
/** Others wait while a file is written anew: so long as this takes they do. */
const COMPACTED_AT_MOST = 256 * 1024 * 1024;

/**
 * Removes the objects that nothing names any more, and old entries of the reflog, of operations and of resolutions.
 *
 * An object is kept for a time after it was first found unreachable, and as long as one that is kept needs it. The walk is
 * done while others write; what to remove is decided again, from what names objects by then, in the transaction that removes it.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `STORE_CORRUPT` where something that is needed cannot be read; `BASE_INVALID`; nothing
 *   is removed then
 * @see git-gc(1)
 */
export function gc(repo: Repository, options: GcOptions = {}): GcResult {
  if (options.dryRun) return collect(repo, options);
  return asSyncOperation(
    repo,
    'gc',
    () => collect(repo, options),
    ({ removed, forgotten }) => ({ result: 'done', detail: { removed, forgotten } }),
  );
}

function collect(repo: Repository, { graceDays = GRACE_DAYS, dryRun = false }: GcOptions): GcResult {
  const { store, worktree } = repo;
  const now = repo.clock.now().seconds;
  const expiry = { logs: now - LOG_DAYS * DAY, resolutions: now - RESOLUTION_DAYS * DAY };
  const before = store.garbage.space().file;
  const plan = (seen: Seen) => planSweep(store, worktree, seen, { now, grace: graceDays * DAY, expiry });

  const seen = store.snapshot(() => look(store, worktree, expiry));
  if (dryRun) {
    const { sweep, bytes } = store.snapshot(() => plan(seen));
    const forgotten = store.garbage.oldLogs(expiry);
    return report(seen, sweep, { dryRun, bytes, forgotten, file: { before, after: before } });
  }
  const { sweep, bytes, forgotten } = store.transact(() => {
    const forgotten = store.garbage.oldLogs(expiry);
    store.garbage.forgetLogs(expiry);
    const planned = plan(seen);
    const { remove, note, unnote } = planned.sweep;
    store.garbage.unnote(unnote);
    store.garbage.note(note, now);
    store.garbage.remove(remove);
    if (remove.length > 0) store.settings.set(GC_COUNT, String(Number(store.settings.get(GC_COUNT) ?? 0) + 1));
    return { ...planned, forgotten };
  });
  compact(store);
  return report(seen, sweep, { dryRun, bytes, forgotten, file: { before, after: store.garbage.space().file } });
}

/** What was there when the walk began. */
interface Seen {
  /** All that something named, which never becomes incomplete: what an id names does not change. */
  readonly reachable: Set<Oid>;
  readonly unreachable: readonly Oid[];
  /** Objects after this number are too new to be looked at. */
  readonly last: number;
}

function look(store: Store, worktree: Worktree, expiry: LogExpiry): Seen {
  const reachable = new Set<Oid>();
  markRoots(store, worktree, expiry, reachable);
  const all = [...store.objects.list()];
  // Those who fetch from this store count on a number not being given twice.
  const isServed = store.settings.get(ORIGIN_REGISTERED) !== undefined;
  const last = store.objects.lastSequence() - (isServed ? 1 : 0);
  const candidates = isServed ? all.slice(0, -1) : all;
  return { reachable, unreachable: candidates.filter((oid) => !reachable.has(oid)), last };
}

/** Marks from whatever names objects now; what was marked before needs no second look. */
function markRoots({ objects, garbage }: Store, worktree: Worktree, expiry: LogExpiry, reachable: Set<Oid>): void {
  const { live, remembered } = garbage.roots(expiry);
  // The files on disk were made from the base: without it nobody could tell what was changed in them.
  const base = worktree.readBase();
  const loose = [...remembered, ...(base ? [base.commit, base.tree] : [])];
  try {
    const needed = live.filter((oid) => oid !== EMPTY_TREE).map((oid) => ({ oid, type: typeOf(objects, oid) }));
    const there = loose.flatMap((oid): ObjectName[] => {
      const type = objects.typeOf(oid);
      return type ? [{ oid, type }] : [];
    });
    markReachable(objects, [...needed, ...there], reachable);
  } catch (cause) {
    if (!(cause instanceof SyncError) || cause.code !== 'OBJECT_NOT_FOUND') throw cause;
    throw new SyncError('OBJECT_NOT_FOUND', `${cause.message}, though something needs it; nothing was removed`, {
      hint: "'agent sync doctor' tells what is damaged, and what can be done about it.",
      cause,
    });
  }
}

function typeOf(objects: ObjectStore, oid: Oid): ObjectType {
  return objects.typeOf(oid) ?? objects.read(oid).type;
}

function planSweep(
  store: Store,
  worktree: Worktree,
  { reachable, unreachable, last }: Seen,
  { now, grace, expiry }: { readonly now: number; readonly grace: number; readonly expiry: LogExpiry },
): { readonly sweep: GcPlan; readonly bytes: number } {
  const { objects, garbage } = store;
  markRoots(store, worktree, expiry, reachable);
  const fresh = [...objects.list(last)].filter((oid) => !reachable.has(oid));
  const oids = unreachable.filter((oid) => !reachable.has(oid));
  const sweep = planGc(objects, { oids, fresh, noted: garbage.noted() }, now, grace);
  return { sweep, bytes: garbage.sizeOf(sweep.remove) };
}

/** The file becomes shorter where that is worth it and nobody is in the way; else the room is used again. */
function compact(store: Store): void {
  const { file, free } = store.garbage.space();
  if (free < file * WORTH_COMPACTING || file - free > COMPACTED_AT_MOST) return;
  store.garbage.compact();
}

function report(
  { reachable }: Seen,
  { remove, waiting }: GcPlan,
  rest: Omit<GcResult, 'reachable' | 'waiting' | 'removed'>,
): GcResult {
  return { reachable: reachable.size, waiting, removed: remove.length, ...rest };
}
