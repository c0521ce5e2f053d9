import { SyncError } from '../../core/errors.js';
import { decodeCommit } from '../../core/object/commit.js';
import { readCommit } from '../../core/object/read.js';
import type {
  AcceptedPush,
  CallOptions,
  IdentifiedObject,
  PushAnswer,
  PushRequest,
  Remote,
  Store,
} from '../../core/ports.js';
import { parseRefPattern } from '../../core/ref/protected-ref.js';
import { MAIN } from '../../core/ref/ref-names.js';
import { ORIGIN_PROTECTED, ORIGIN_REGISTERED } from '../../core/setting-names.js';
import { issueId } from './issue-id.js';
import { planPush } from './plan-push.js';

/** Bytes of objects in one page of a fetch; the same as from the hosted origin. */
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Another `agent.db` as the origin of people who share a folder and no server.
 *
 * Whoever may write the file may do everything: the file system's permissions are the only roles.
 *
 * @param store a bare one, that nobody works in; `close` closes it
 * @param url for messages
 */
export function fileRemote(store: Store, url: string): Remote {
  return {
    url,
    register: (options) => answer(url, options, () => ({ created: register(store, url), role: 'owner' as const })),
    describe: (options) =>
      answer(url, options, () => ({
        // Refs first: a push in between then adds objects that are not needed yet, and none that are needed is missed.
        refs: registered(store, url).refs.list('refs/heads/'),
        sequence: store.objects.lastSequence(),
        actors: store.actors.list(),
      })),
    fetch: (after, options) => answer(url, options, () => registered(store, url).objects.after(after, PAGE_BYTES)),
    push: (request, options) => answer(url, options, () => push(registered(store, url), request)),
    issueId: (request, options) =>
      answer(url, options, () => store.transact(() => issueId(registered(store, url).origin, request))),
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
      answer(url, options, () => store.transact(() => protectRef(registered(store, url), pattern, isProtected))),
    close: async () => store.close(),
  };
}

/** @returns true when the origin was made just now */
function register(store: Store, url: string): boolean {
  return store.transact(() => {
    if (store.settings.get(ORIGIN_REGISTERED)) return false;
    if (store.objects.lastSequence() > 0) {
      throw new SyncError('ORIGIN_REFUSED', `${url} is a store that somebody works in, and cannot be an origin too`, {
        hint: 'Name a file that does not exist yet; it will be made.',
      });
    }
    store.settings.set(ORIGIN_REGISTERED, 'yes');
    return true;
  });
}

function registered(store: Store, url: string): Store {
  if (store.settings.get(ORIGIN_REGISTERED)) return store;
  throw new SyncError('ORIGIN_REFUSED', `${url} is no origin of a project`, {
    hint: "If it is the right file, run 'agent sync init' to make it one.",
  });
}

/** In order, as the database of a hosted origin has them. */
function protectedRefs(store: Store): string[] {
  const known = store.settings.get(ORIGIN_PROTECTED);
  return known === undefined ? [MAIN] : JSON.parse(known);
}

function protectRef(store: Store, pattern: string, isProtected: boolean): void {
  const others = protectedRefs(store).filter((known) => known !== parseRefPattern(pattern));
  store.settings.set(ORIGIN_PROTECTED, JSON.stringify(isProtected ? [...others, pattern].sort() : others));
}

/** Whom the commits of a push name. */
function signersOf(objects: readonly IdentifiedObject[]): Set<string> {
  const commits = objects.filter(({ type }) => type === 'commit').map(({ body }) => decodeCommit(body));
  return new Set(commits.flatMap(({ author, committer }) => [author.actor, committer.actor]));
}

/** Nothing of a push is kept unless all of it is. */
function push(store: Store, request: PushRequest): PushAnswer {
  return store.transact(() => {
    const earlier = store.origin.receipt(request.id);
    if (earlier) return earlier;
    const plan = planPush(store, request, protectedRefs(store));
    if (plan.status === 'rejected') return plan;

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
    const refs = new Map(
      request.edits.flatMap(({ name, target }) => (target === null ? [] : [[name, target] as const])),
    );
    const receipt: AcceptedPush = { status: 'accepted', refs, sequence: { from, to: store.objects.lastSequence() } };
    store.origin.keepReceipt(request.id, receipt);
    return receipt;
  });
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
