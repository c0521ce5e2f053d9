import { SyncError } from '../../core/errors.js';
import { treeGauge } from '../../core/graph/measure-tree.js';
import { newObjects } from '../../core/graph/reachable.js';
import type { Oid } from '../../core/object/oid.js';
import type { CallOptions, FetchPage, ObjectReader, Remote, RemoteState, Store } from '../../core/ports.js';
import { ORIGIN_SEQUENCE } from '../../core/setting-names.js';
import { graphOf } from '../history/head.js';

/** An origin, what it has, and what to do with each page that it sends. */
export interface Reception {
  readonly remote: Remote;
  readonly state: RemoteState;
  readonly keep: (page: FetchPage) => void;
  /** What is to be done before a page is kept. */
  readonly prepare?: (page: FetchPage) => Promise<void>;
}

/**
 * Receives what the store lacks, until `finish` finds all that the origin's refs need, and answers how many objects came.
 *
 * @param finish answers undefined when something is missing
 */
export async function receiveComplete<T>(
  { store, ...reception }: Reception & { readonly store: Store },
  finish: () => T | undefined,
  options: CallOptions,
): Promise<{ received: number; done: T | undefined }> {
  const { sequence } = reception.state;
  const received = await receive(reception, Math.min(cursor(store), sequence), options);
  const done = finish();
  if (done) return { received, done };
  // The cursor promised more than the store holds: the origin was rebuilt, or the store restored. Start over, once.
  const again = await receive(reception, 0, options);
  return { received: received + again, done: finish() };
}

/** Receives what came after the number `start`, and answers how many objects that was. */
export async function receive(
  { remote, state, keep, prepare }: Reception,
  start: number,
  options: CallOptions,
): Promise<number> {
  const seen = new Set<Oid>();
  let received = 0;
  let after = start;
  // What came to the origin since it was asked for its refs is for the next time: whoever pushes as fast as this reads would keep
  // it here for ever.
  for (let more = true; more && after < state.sequence; ) {
    const page = await remote.fetch(after, options);
    await prepare?.(page);
    keep(page);
    for (const { oid } of page.objects) seen.add(oid);
    received += page.objects.length;
    if (page.more && (page.sequence <= after || seen.size < received)) {
      throw new SyncError('ORIGIN_ANSWER_INVALID', `the origin at ${remote.url} sent a page that does not advance`);
    }
    after = page.sequence;
    more = page.more;
  }
  return received;
}

/**
 * Whether all is there that a tip needs. What local refs reach is complete already, and is not looked through.
 *
 * @throws {SyncError} `PATH_UNSAFE` for trees that would have no end on disk; `OBJECT_MALFORMED` for an object of another type than
 *   it is named as
 */
export function isComplete(store: Store, objects: ObjectReader, tip: Oid): boolean {
  const known = [...store.refs.list().values()];
  const typeOf = (oid: Oid) => store.objects.typeOf(oid) ?? (objects.has(oid) ? objects.read(oid).type : undefined);
  try {
    for (const { oid, type } of newObjects(objects, graphOf(store, objects), tip, known, treeGauge(objects))) {
      if (type !== 'blob') continue;
      const actual = typeOf(oid);
      if (actual === undefined) return false;
      if (actual !== type) throw new SyncError('OBJECT_MALFORMED', `object ${oid} is a ${actual}, not a ${type}`);
    }
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'OBJECT_NOT_FOUND') return false;
    throw error;
  }
}

/** Notes that everything up to `to` is here, if nothing between the cursor and `from` is still to be fetched. */
export function advanceCursor(store: Store, from: number, to: number): void {
  if (cursor(store) === from) store.settings.set(ORIGIN_SEQUENCE, String(to));
}

function cursor(store: Store): number {
  return Number(store.settings.get(ORIGIN_SEQUENCE) ?? 0);
}
