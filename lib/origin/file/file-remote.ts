import { tombstoneOf } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import { decodeCommit } from '../../core/object/commit.js';
import { readCommit } from '../../core/object/read.js';
import type {
  AcceptedPush,
  CallOptions,
  ErasedTraces,
  ErasureRequest,
  IdentifiedObject,
  OriginTraces,
  PushAnswer,
  PushRequest,
  Remote,
  Store,
} from '../../core/ports.js';
import { ORIGIN_REGISTERED } from '../../core/setting-names.js';
import type { Caller } from '../caller.js';
import { describeCaller, readAudit, type Tell, teller } from './file-audit.js';
import { issueId } from './issue-id.js';
import { planPush } from './plan-push.js';
import { protectedRefs, protectRef } from './protected-refs.js';

/** Bytes of objects in one page of a fetch; the same as from the hosted origin. */
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Another `agent.db` as the origin of people who share a folder and no server.
 *
 * Whoever may write the file may do everything: the file system's permissions are the only roles.
 *
 * @param store a bare one, that nobody works in; `close` closes it
 * @param url for messages
 * @param caller who asks; nobody when left out
 */
export function fileRemote(store: Store, url: string, caller?: Caller): Remote {
  /** As `answer`, in one transaction with what the audit is told of it. */
  const recorded = async <T>(options: CallOptions | undefined, call: (tell: Tell) => T): Promise<T> => {
    const asked = await describeCaller(caller);
    return answer(url, options, () => store.transact(() => call(teller(store, asked))));
  };
  return {
    url,
    register: (options) =>
      recorded(options, (tell) => ({ created: register(store, url, tell), role: 'owner' as const })),
    describe: (options) =>
      answer(url, options, () => ({
        // Refs first: a push in between then adds objects that are not needed yet, and none that are needed is missed.
        refs: registered(store, url).refs.list('refs/heads/'),
        sequence: store.objects.lastSequence(),
        actors: store.actors.list(),
        erasures: ownErasures(store),
      })),
    fetch: (after, options) => answer(url, options, () => registered(store, url).objects.after(after, PAGE_BYTES)),
    push: (request, options) => recorded(options, (tell) => push(registered(store, url), request, tell)),
    issueId: (request, options) =>
      recorded(options, (tell) => {
        const { origin } = registered(store, url);
        const isRepeated = origin.issuedTo(request.id) !== undefined;
        const issued = issueId(origin, request);
        if (issued.status === 'issued' && !isRepeated) tell('issue-id', 'done', { kind: request.kind, id: issued.id });
        return issued;
      }),
    audit: (query, options) => answer(url, options, () => readAudit(registered(store, url), query)),
    erasures: (after, options) =>
      answer(url, options, () => registered(store, url).erasures.list(store.erasures.own().anchor, after)),
    purge: async (request, options) => {
      if (options?.dryRun) return answer(url, options, () => previewPurge(registered(store, url), request));
      const gone = await recorded(options, (tell) => purge(registered(store, url), request, tell));
      await answer(url, options, () => ownErasures(store));
      return gone;
    },
    members: (options) => answer(url, options, () => [{ userId: 'everyone', role: 'owner' as const }]),
    setMember: (_who, _role, options) =>
      answer(url, options, () => {
        throw new SyncError(
          'ORIGIN_REFUSED',
          `the origin ${url} has no members: whoever may write the file is an owner`,
          {
            hint: "Change the permissions of the file and its folder, or use an origin with users ('agent origin start').",
          },
        );
      }),
    invitations: (options) => answer(url, options, () => []),
    protectedRefs: (options) => answer(url, options, () => protectedRefs(registered(store, url))),
    protectRef: (pattern, isProtected, options) =>
      recorded(options, (tell) => protectRef(registered(store, url), pattern, isProtected, tell)),
    close: async () => store.close(),
  };
}

/** @returns true when the origin was made just now */
function register(store: Store, url: string, tell: Tell): boolean {
  if (store.settings.get(ORIGIN_REGISTERED)) return false;
  if (store.objects.lastSequence() > 0) {
    throw new SyncError('ORIGIN_REFUSED', `${url} is a store that somebody works in, and cannot be an origin too`, {
      hint: 'Name a file that does not exist yet; it will be made.',
    });
  }
  store.settings.set(ORIGIN_REGISTERED, 'yes');
  tell('register', 'done', {});
  return true;
}

function registered(store: Store, url: string): Store {
  if (store.settings.get(ORIGIN_REGISTERED)) return store;
  throw new SyncError('ORIGIN_REFUSED', `${url} is no origin of a project`, {
    hint: "If it is the right file, run 'agent sync init' to make it one.",
  });
}

/** Whom the commits of a push name. */
function signersOf(objects: readonly IdentifiedObject[]): Set<string> {
  const commits = objects.filter(({ type }) => type === 'commit').map(({ body }) => decodeCommit(body));
  return new Set(commits.flatMap(({ author, committer }) => [author.actor, committer.actor]));
}

/** Wants to be in a transaction: nothing of a push is kept unless all of it is. */
function push(store: Store, request: PushRequest, tell: Tell): PushAnswer {
  const earlier = store.origin.receipt(request.id);
  if (earlier) return earlier;
  const moves = request.edits.map(({ name, expected, target }) => ({ name, before: expected, after: target }));
  refuseErased(store, request);
  const plan = planPush(store, request, protectedRefs(store));
  if (plan.status === 'rejected') {
    const { ref, reason, current } = plan;
    tell('push', 'rejected', { push: request.id, ref, reason, current, asked: moves });
    return plan;
  }
  const from = store.objects.lastSequence();
  for (const object of request.objects) store.objects.writeVerified(object);
  const signers = signersOf(request.objects);
  for (const actor of request.actors) {
    if (signers.has(actor.id) || store.actors.get(actor.id)) store.actors.put(actor);
  }
  store.index.apply({ at: null, removed: [], written: [], changes: [], handles: [], commits: plan.commits });
  for (const edit of request.edits) {
    const { actor } = readCommit(store.objects, (edit.target ?? edit.expected)!).committer;
    store.refs.update([edit], { actor, time: Math.floor(Date.now() / 1000), message: `push ${request.id}` });
  }
  const refs = new Map(request.edits.flatMap(({ name, target }) => (target === null ? [] : [[name, target] as const])));
  const sequence = { from, to: store.objects.lastSequence() };
  const receipt: AcceptedPush = { status: 'accepted', refs, sequence };
  store.origin.keepReceipt(request.id, receipt);
  const forced = request.edits.filter(({ force }) => force).map(({ name }) => name);
  tell('push', 'accepted', {
    push: request.id,
    refs: moves,
    sequence,
    objects: sequence.to - sequence.from,
    ...(forced.length > 0 ? { forced } : {}),
  });
  return receipt;
}

function refuseErased({ erasures }: Store, { objects }: PushRequest): void {
  const erased = objects.find(({ oid }) => erasures.has(oid));
  if (!erased) return;
  throw new SyncError('OBJECT_ERASED', `a text that was erased is not taken in again: it is the blob ${erased.oid}`);
}

/** What an erasure could not finish because somebody was in the way is done as soon as nobody is. */
function ownErasures({ erasures, garbage }: Store): ReturnType<Store['erasures']['own']> {
  if (erasures.unfinished() && garbage.compact()) erasures.setUnfinished(undefined);
  return erasures.own();
}

/** Wants to be in a transaction. */
function purge(store: Store, request: ErasureRequest, tell: Tell): OriginTraces {
  const { erasures, objects } = store;
  refuseNoBlobs(store, request);
  const before = erasures.own().count;
  const traces = erasures.sign(request);
  // What was never pushed may yet be named by a commit that is.
  for (const oid of request.blobs) {
    if (!objects.has(oid)) objects.writeVerified({ oid, type: 'blob', body: tombstoneOf(oid) });
  }
  const { count } = erasures.own();
  if (count > before) tell('purge', 'done', { record: count, actors: request.actors, blobs: request.blobs.length });
  return originTraces(traces);
}

function previewPurge(store: Store, request: ErasureRequest): OriginTraces {
  refuseNoBlobs(store, request);
  return originTraces(store.erasures.preview(request));
}

function refuseNoBlobs({ objects }: Store, { blobs }: ErasureRequest): void {
  if (blobs.every((oid) => (objects.typeOf(oid) ?? 'blob') === 'blob')) return;
  throw new SyncError(
    'USAGE',
    'only blobs are erased: trees and commits hold no text that somebody wrote but names and messages',
  );
}

/** There are no users here. */
function originTraces({ names, blobs }: ErasedTraces): OriginTraces {
  return { actors: names, blobs, receipts: 0, issuedIds: 0, members: 0, invitations: 0, pseudonyms: 0 };
}

/** Runs a call of the remote: not at all once it is aborted, and with the origin's errors in place of the store's. */
async function answer<T>(url: string, options: CallOptions | undefined, call: () => T): Promise<T> {
  if (options?.signal?.aborted) throw new SyncError('ABORTED', `stopped before asking the origin ${url}`);
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SyncError && error.code.startsWith('STORE_'))) throw error;
    const code = error.code === 'STORE_BUSY' ? 'ORIGIN_UNREACHABLE' : 'ORIGIN_FAILED';
    throw new SyncError(code, `the origin ${url} did not do it: ${error.message}`, {
      hint: 'Nothing was changed there. Try again; if it stays, restore the file from a backup, or make a new origin and push to it.',
      cause: error,
    });
  }
}
