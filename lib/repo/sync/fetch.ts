import { readTombstone, tombstoneOf } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { contains } from '../../core/graph/merge-base.js';
import type { Oid } from '../../core/object/oid.js';
import { OverlayObjects } from '../../core/object/overlay-objects.js';
import { verifyObject } from '../../core/object/verify.js';
import type {
  CallOptions,
  FetchPage,
  IdentifiedObject,
  ObjectReader,
  ObjectType,
  ReflogNote,
  RefName,
  Remote,
  RemoteState,
  Store,
} from '../../core/ports.js';
import { MAIN, trackingRef } from '../../core/ref/ref-names.js';
import { GC_COUNT, ORIGIN_SEQUENCE } from '../../core/setting-names.js';
import { reflogActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Erased } from '../erasure/erase-here.js';
import { learnErasures, newErasures } from '../erasure/learn-erasures.js';
import { graphOf } from '../history/head.js';
import { transactAs } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { isComplete, receive, receiveComplete } from './receive.js';

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
  /** What was erased here because the origin has erased it; left out where that is nothing. */
  readonly erased?: Erased;
}

/**
 * Gets what the origin has and this store does not, and moves the remote-tracking refs.
 *
 * Each page is verified and kept together with the sequence number it ends at, so a fetch that broke off goes on where it
 * stopped. Refs move only when nothing that they need is missing.
 *
 * What the origin has erased is erased here first.
 *
 * @throws {SyncError} the codes of {@link Remote}; `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_NOT_FOUND`,
 *   `ERASURE_INVALID`
 */
export function fetch(
  repo: Repository,
  options: CallOptions & { readonly dryRun?: boolean } = {},
): Promise<FetchResult> {
  if (options.dryRun) return fetchNow(repo, options);
  return asSyncOperation(
    repo,
    'fetch',
    () => fetchNow(repo, options),
    ({ refs, received }) => ({ result: refs.length > 0 ? 'fetched' : 'up-to-date', detail: { received } }),
  );
}

async function fetchNow(repo: Repository, options: CallOptions & { readonly dryRun?: boolean }): Promise<FetchResult> {
  const remote = await repo.connect();
  const before = repo.store.refs.list();
  const state = await remote.describe(options);
  const edits = planTracking(before, state);
  if (options.dryRun) return { refs: edits.map((edit) => ({ ...edit, forced: false })), received: 0, dryRun: true };

  const { store } = repo;
  let erased = await learnErasures(repo, remote, state, options);
  const prepare = async ({ objects }: FetchPage) => {
    if (!objects.some((object) => isUnknownTombstone(store, object))) return;
    // It was erased after the origin was asked.
    erased = (await learnErasures(repo, remote, await remote.describe(options), options)) ?? erased;
  };
  const actor = await reflogActor(repo);
  const time = repo.clock.now().seconds;
  const keep = ({ objects, sequence }: FetchPage) => {
    repo.telemetry.span('step', 'verify and keep objects', { objects: objects.length }, () =>
      store.transact(() => {
        for (const object of objects) store.objects.writeVerified(object);
        store.settings.set(ORIGIN_SEQUENCE, String(sequence));
      }),
    );
  };
  const gcs = store.settings.get(GC_COUNT);
  const finish = () => moveTracking(repo, state, edits, { actor, time });
  let { received, done } = await receiveComplete({ store, remote, state, keep, prepare }, finish, options);
  if (!done && store.settings.get(GC_COUNT) !== gcs) {
    // A gc that waits for nothing removed what no ref named yet: this time refs move along with the objects.
    const pages: FetchPage[] = [];
    received += await receive({ remote, state, keep: (page) => pages.push(page), prepare }, 0, options);
    done = store.transact(() => {
      for (const page of pages) keep(page);
      return finish();
    });
  }
  if (!done) throw incomplete(remote);
  return { refs: done, received, dryRun: false, ...(erased ? { erased } : {}) };
}

/** Moves the remote-tracking refs that a fetch set out to move; undefined when something that they need is not there. */
function moveTracking(
  repo: Repository,
  state: RemoteState,
  edits: readonly TrackingEdit[],
  note: Omit<ReflogNote, 'message'>,
): FetchedRef[] | undefined {
  const { store } = repo;
  return transactAs(repo, 'fetch', () => {
    if (!edits.every(({ to }) => isComplete(store, store.objects, to))) return undefined;
    for (const known of state.actors) store.actors.put(known);
    const graph = graphOf(store);
    const asked = new Map(edits.map(({ name, from }) => [name, from]));
    const still = planTracking(store.refs.list(), state).filter(
      ({ name, from, to }) => asked.has(name) && isNews(graph, asked.get(name)!, from, to),
    );
    const moved = still.map((edit) => describeMove(graph, edit));
    for (const ref of moved) {
      const message = `fetch: ${ref.from === null ? 'new branch' : ref.forced ? 'forced update' : 'fast-forward'}`;
      store.refs.update([{ name: ref.name, expected: ref.from, target: ref.to }], { ...note, message });
    }
    return moved;
  });
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
  const { records } = await newErasures(store, remote, state, options);
  const erased = new Set(records.flatMap(({ blobs }) => blobs));
  objects.add(
    [...erased].flatMap((oid) =>
      store.objects.has(oid) ? [{ oid, type: 'blob' as const, body: tombstoneOf(oid) }] : [],
    ),
  );
  const hash = (type: ObjectType, body: Uint8Array) => {
    const tombstone = type === 'blob' ? readTombstone(body) : undefined;
    return tombstone !== undefined && erased.has(tombstone) ? tombstone : store.objects.hash(type, body);
  };
  const keep = (page: FetchPage) => {
    for (const object of page.objects) verifyObject(object, hash);
    objects.add(page.objects);
  };
  const finish = () => {
    const edits = planTracking(store.refs.list(), state);
    if (!edits.every(({ to }) => isComplete(store, objects, to))) return undefined;
    const graph = graphOf(store, objects);
    return edits.map((edit) => describeMove(graph, edit));
  };
  const { received, done: refs } = await receiveComplete({ store, remote, state, keep }, finish, options);
  if (!refs) throw incomplete(remote);
  return { fetched: { refs, received, dryRun: true }, objects, main: state.refs.get(MAIN) };
}

/** A remote-tracking ref that is not where the origin's branch is. */
interface TrackingEdit {
  readonly name: RefName;
  readonly from: Oid | null;
  readonly to: Oid;
}

/**
 * Tells whether a remote-tracking ref has to follow an answer of the origin: not when another process, whose question was
 * answered earlier and may have been asked later, has moved it elsewhere meanwhile.
 *
 * @param asked what the ref was before the origin was asked
 * @param now what it is
 */
export function isNews(graph: CommitGraph, asked: Oid | null, now: Oid | null, to: Oid): boolean {
  return now === asked || (now !== null && contains(graph, to, now));
}

function planTracking(refs: ReadonlyMap<RefName, Oid>, state: RemoteState): TrackingEdit[] {
  return [...state.refs]
    .map(([branch, to]) => ({ name: trackingRef(branch), from: refs.get(trackingRef(branch)) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}

function describeMove(graph: CommitGraph, edit: TrackingEdit): FetchedRef {
  return { ...edit, forced: edit.from !== null && !contains(graph, edit.to, edit.from) };
}

function isUnknownTombstone({ objects }: Store, { oid, type, body }: IdentifiedObject): boolean {
  return type === 'blob' && readTombstone(body) === oid && objects.hash(type, body) !== oid;
}

function incomplete({ url }: Remote): SyncError {
  return new SyncError('OBJECT_NOT_FOUND', `the origin at ${url} did not send all that its branches need`, {
    hint: 'No ref was moved. Try again; if it stays, the origin is damaged.',
  });
}
