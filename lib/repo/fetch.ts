import { SyncError } from '../core/errors.js';
import { contains } from '../core/graph/merge-base.js';
import { newObjects } from '../core/graph/reachable.js';
import type { Oid } from '../core/object/oid.js';
import type { CallOptions, RefEdit, RefName, Remote, RemoteState, Store } from '../core/ports.js';
import { trackingRef } from '../core/ref/ref-names.js';
import { reflogActor } from './actor.js';
import { graphOf } from './head.js';
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

  let received = await receive(repo.store, remote, state, options);
  const tips = edits.map((edit) => edit.to);
  if (tips.some((tip) => !isComplete(repo.store, tip))) {
    // The cursor promised more than the store holds: the origin was rebuilt, or the store restored. Start over, once.
    repo.store.settings.unset(CURSOR);
    received += await receive(repo.store, remote, state, options);
    for (const tip of tips) refuseIncomplete(repo.store, tip);
  }

  const actor = await reflogActor(repo);
  const time = repo.clock.now().seconds;
  const refs = repo.store.transact(() => {
    for (const known of state.actors) repo.store.actors.put(known);
    const graph = graphOf(repo.store);
    // A ref that another process moved meanwhile is left where that process, which fetched as well, has put it.
    const planned = new Map(edits.map(({ name, from }) => [name, from]));
    const still = planTracking(repo.store, state).filter(({ name, from }) => planned.get(name) === from);
    const moved = still.map((edit) => ({
      ...edit,
      forced: edit.from !== null && !contains(graph, edit.to, edit.from),
    }));
    for (const ref of moved) {
      const message = `fetch: ${ref.from === null ? 'new branch' : ref.forced ? 'forced update' : 'fast-forward'}`;
      const edit: RefEdit = { name: ref.name, expected: ref.from, target: ref.to };
      repo.store.refs.update([edit], { actor, time, message });
    }
    return moved;
  });
  return { refs, received, dryRun: false };
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

async function receive(store: Store, remote: Remote, state: RemoteState, options: CallOptions): Promise<number> {
  let received = 0;
  let after = Math.min(cursor(store), state.sequence);
  for (let more = after < state.sequence; more; ) {
    const page = await remote.fetch(after, options);
    store.transact(() => {
      for (const object of page.objects) store.objects.writeVerified(object);
      store.settings.set(CURSOR, String(page.sequence));
    });
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

function isComplete(store: Store, tip: Oid): boolean {
  try {
    refuseIncomplete(store, tip);
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'OBJECT_NOT_FOUND') return false;
    throw error;
  }
}

/** What local refs reach is complete already; only what is new has to be looked through. */
function refuseIncomplete(store: Store, tip: Oid): void {
  const known = [...store.refs.list().values()];
  for (const { oid, type } of newObjects(store.objects, graphOf(store), tip, known)) {
    if (type === 'blob' && !store.objects.has(oid)) {
      throw new SyncError('OBJECT_NOT_FOUND', `the origin did not send object ${oid}, which its branch needs`, {
        hint: 'No ref was moved. Try again; if it stays, the origin is damaged.',
      });
    }
  }
}
