import { SyncError } from '../core/errors.js';
import { contains } from '../core/graph/merge-base.js';
import { newObjects } from '../core/graph/reachable.js';
import type { Oid } from '../core/object/oid.js';
import { OverlayObjects } from '../core/object/overlay-objects.js';
import { verifyObject } from '../core/object/verify.js';
import type {
  CallOptions,
  FetchPage,
  ObjectReader,
  RefEdit,
  RefName,
  Remote,
  RemoteState,
  Store,
} from '../core/ports.js';
import { MAIN, trackingRef } from '../core/ref/ref-names.js';
import { reflogActor } from './actor.js';
import { graphOf } from './head.js';
import { transactAs } from './operation.js';
import type { Repository } from './repository.js';

/** A remote-tracking ref that a fetch moved, or would move. */
export interface FetchedRef {
  readonly name: RefName;
  readonly from: Oid | null;
  readonly to: Oid;
  /** The origin's ref no longer contains what it was: its history was replaced. A dry run cannot tell, and says false. */
  readonly forced: boolean;
}

/** What a fetch brought. */
export interface FetchResult {
  readonly refs: readonly FetchedRef[];
  /** Objects received. */
  readonly received: number;
  /** True when nothing was written. */
  readonly dryRun: boolean;
}

const CURSOR = 'remote.origin.sequence';

/**
 * Gets what the origin has and this store does not, and moves the remote-tracking refs.
 *
 * Each page is verified and kept together with the sequence number it ends at, so a fetch that broke off goes on where it
 * stopped. Refs move only when nothing that they need is missing.
 *
 * @throws {SyncError} the codes of {@link Remote}; `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_NOT_FOUND`
 */
export async function fetch(
  repo: Repository,
  options: CallOptions & { readonly dryRun?: boolean } = {},
): Promise<FetchResult> {
  const remote = await repo.connect();
  const state = await remote.describe(options);
  const edits = planTracking(repo.store, state);
  if (options.dryRun) return { refs: edits.map((edit) => ({ ...edit, forced: false })), received: 0, dryRun: true };

  const { store } = repo;
  const keep = ({ objects, sequence }: FetchPage) => {
    store.transact(() => {
      for (const object of objects) store.objects.writeVerified(object);
      store.settings.set(CURSOR, String(sequence));
    });
  };
  const received = await receiveComplete(store, store.objects, { remote, state, keep }, options);

  const actor = await reflogActor(repo);
  const time = repo.clock.now().seconds;
  const refs = transactAs(repo, 'fetch', () => {
    for (const known of state.actors) store.actors.put(known);
    const graph = graphOf(store);
    // A ref that another process moved meanwhile is left where that process, which fetched as well, has put it.
    const planned = new Map(edits.map(({ name, from }) => [name, from]));
    const still = planTracking(store, state).filter(({ name, from }) => planned.get(name) === from);
    const moved = still.map((edit) => ({
      ...edit,
      forced: edit.from !== null && !contains(graph, edit.to, edit.from),
    }));
    for (const ref of moved) {
      const message = `fetch: ${ref.from === null ? 'new branch' : ref.forced ? 'forced update' : 'fast-forward'}`;
      const edit: RefEdit = { name: ref.name, expected: ref.from, target: ref.to };
      store.refs.update([edit], { actor, time, message });
    }
    return moved;
  });
  return { refs, received, dryRun: false };
}

/** What a fetch would bring, held in memory. */
export interface FetchPlan {
  readonly fetched: FetchResult;
  /** What the store has, and what it would have. */
  readonly objects: ObjectReader;
  /** The origin's `main`; undefined when it has none. */
  readonly main: Oid | undefined;
}

/**
 * Gets what the origin has and this store does not, verifies it, and writes nothing.
 *
 * @throws {SyncError} as `fetch`
 */
export async function planFetch(repo: Repository, options: CallOptions = {}): Promise<FetchPlan> {
  const { store } = repo;
  const remote = await repo.connect();
  const state = await remote.describe(options);
  const objects = new OverlayObjects(store.objects);
  const keep = (page: FetchPage) => {
    for (const object of page.objects) verifyObject(object, (type, body) => store.objects.hash(type, body));
    objects.add(page.objects);
  };
  const received = await receiveComplete(store, objects, { remote, state, keep }, options);
  const graph = graphOf(store, objects);
  const refs = planTracking(store, state).map((edit) => ({
    ...edit,
    forced: edit.from !== null && !contains(graph, edit.to, edit.from),
  }));
  return { fetched: { refs, received, dryRun: true }, objects, main: state.refs.get(MAIN) };
}

/** Notes that everything up to `to` is here, if nothing between the cursor and `from` is still to be fetched. */
export function advanceCursor(store: Store, from: number, to: number): void {
  if (cursor(store) === from) store.settings.set(CURSOR, String(to));
}

function planTracking(store: Store, state: RemoteState): { name: RefName; from: Oid | null; to: Oid }[] {
  return [...state.refs]
    .map(([branch, to]) => ({ name: trackingRef(branch), from: store.refs.get(trackingRef(branch)) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}

/** An origin, what it has, and what to do with each page that it sends. */
interface Reception {
  readonly remote: Remote;
  readonly state: RemoteState;
  readonly keep: (page: FetchPage) => void;
}

/** Receives what the store lacks, until `objects` has all that the origin's refs need; answers how many objects came. */
async function receiveComplete(
  store: Store,
  objects: ObjectReader,
  reception: Reception,
  options: CallOptions,
): Promise<number> {
  const { sequence } = reception.state;
  const tips = planTracking(store, reception.state).map(({ to }) => to);
  const received = await receive(reception, Math.min(cursor(store), sequence), options);
  if (tips.every((tip) => isComplete(store, objects, tip))) return received;
  // The cursor promised more than the store holds: the origin was rebuilt, or the store restored. Start over, once.
  const again = await receive(reception, 0, options);
  for (const tip of tips) refuseIncomplete(store, objects, tip);
  return received + again;
}

async function receive({ remote, state, keep }: Reception, start: number, options: CallOptions): Promise<number> {
  let received = 0;
  let after = start;
  for (let more = after < state.sequence; more; ) {
    const page = await remote.fetch(after, options);
    keep(page);
    if (page.more && page.sequence <= after) {
      throw new SyncError('ORIGIN_ANSWER_INVALID', `the origin at ${remote.url} sent a page that does not advance`);
    }
    received += page.objects.length;
    after = page.sequence;
    more = page.more;
  }
  return received;
}

function cursor(store: Store): number {
  return Number(store.settings.get(CURSOR) ?? 0);
}

function isComplete(store: Store, objects: ObjectReader, tip: Oid): boolean {
  try {
    refuseIncomplete(store, objects, tip);
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'OBJECT_NOT_FOUND') return false;
    throw error;
  }
}

/** What local refs reach is complete already; only what is new has to be looked through. */
function refuseIncomplete(store: Store, objects: ObjectReader, tip: Oid): void {
  const known = [...store.refs.list().values()];
  for (const { oid, type } of newObjects(objects, graphOf(store, objects), tip, known)) {
    if (type === 'blob' && !objects.has(oid)) {
      throw new SyncError('OBJECT_NOT_FOUND', `the origin did not send object ${oid}, which its branch needs`, {
        hint: 'No ref was moved. Try again; if it stays, the origin is damaged.',
      });
    }
  }
}
