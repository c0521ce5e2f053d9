import { SyncError } from '../../core/errors.js';
import { failureClass } from '../../core/failure-class.js';
import { contains } from '../../core/graph/merge-base.js';
import type { CallOptions, LiveNews, Remote } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { type Change, describeChange } from '../history/describe-change.js';
import { graphOf, headCommit } from '../history/head.js';
import { type MergeResult, mergeCommit } from '../merge/merge.js';
import { type QueueStep, runQueue } from '../queue/run-queue.js';
import type { Repository } from '../repository.js';
import { Bell } from './bell.js';
import { fetch } from './fetch.js';
import { planNextLook, planQueueDue, planReport, type WatchMoment } from './plan-watch.js';

/** A merge that was done, or that stopped for its conflicts. */
type Pulled = Exclude<MergeResult, { readonly status: 'up-to-date' }>;

/** Something that a watch has to tell. */
export type WatchEvent =
  /** The origin answers; `live`: it tells of moves, and need not be asked. */
  | { readonly type: 'online'; readonly url: string; readonly live: boolean }
  /** It does not, and is asked again. */
  | { readonly type: 'offline'; readonly failure: SyncError }
  /** Others have moved a ref. */
  | ({ readonly type: 'change' } & Change)
  /** What was fetched is in `HEAD` and on disk. */
  | { readonly type: 'pulled'; readonly merged: Exclude<Pulled, { readonly status: 'conflicted' }> }
  /** Conflicts wait for a person; the watch goes on. */
  | { readonly type: 'conflicted'; readonly merged: Extract<Pulled, { readonly status: 'conflicted' }> }
  /** What was fetched cannot be merged until a person has done something here; told once, and tried again. */
  | { readonly type: 'blocked'; readonly failure: SyncError }
  /** What waited in the queue was done, or was tried. */
  | { readonly type: 'queue'; readonly steps: readonly QueueStep[] };

/** How to watch. */
export interface WatchOptions extends CallOptions {
  /** Merge what comes. */
  readonly pull?: boolean;
  /** Seconds between looks at an origin that does not tell of moves by itself; 30 unless given. */
  readonly interval?: number;
  /** End after the first look that found a change. */
  readonly once?: boolean;
}

/** How long to wait, at first, for the origin to begin to tell: looking afterwards leaves no gap. */
const JOIN_MS = 2_000;
/** What a person ends by doing something in this project. */
const BLOCKING = new Set(['LOCAL_CHANGES', 'MERGE_IN_PROGRESS']);
/** Another process works in this project at this moment; it is no news, and over at the next look. */
const LOCAL_RACES = new Set(['STORE_BUSY', 'REF_CHANGED']);

/**
 * Tells what others bring to the origin, until the signal is aborted.
 *
 * What the origin tells is only a reason to look: what there is to know is fetched. After each new connection it is fetched, and
 * now and then anyway, and compared with what was reported last. So nothing is missed, whoever fetched it, and
 * changes that follow each other closely come as one. Commits that the person at work made here are no news.
 *
 * @returns what each look came to, never nothing
 * @throws {SyncError} what only a person can change, such as `LOGIN_EXPIRED`; the codes of `mergeCommit`
 */
export async function* watch(
  repo: Repository,
  { signal, pull = false, interval = 30, once = false }: WatchOptions = {},
): AsyncGenerator<readonly WatchEvent[], void, undefined> {
  const { store } = repo;
  const bell = new Bell(signal);
  const reported = new Map(store.refs.list(TRACKING));
  const state: { -readonly [Name in keyof WatchMoment]: WatchMoment[Name] } = {
    ...{ live: false, failures: 0, retryAfter: undefined, blocked: false, queueDue: undefined },
  };
  /** What the last event about it said. */
  const told = { connection: '', blocked: '' };

  const hear = (news: LiveNews) => {
    if (news !== 'moved') state.live = news === 'joined';
    bell.ring();
  };

  /** Yields step by step, so that what was found is told even where the next step fails. */
  async function* look(call: CallOptions): AsyncGenerator<WatchEvent> {
    try {
      const { url } = await repo.connect();
      await fetchNews(repo, call);
      const { live } = state;
      if (isNews('connection', live ? 'live' : 'polling')) yield { type: 'online', url, live };
      yield* await runDue(call);
      yield* await changes();
      yield* await merge();
      Object.assign(state, { failures: 0, retryAfter: undefined });
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'ABORTED' || failureClass(error) !== 'later') throw error;
      Object.assign(state, { failures: state.failures + 1, retryAfter: error.retryAfter });
      if (!LOCAL_RACES.has(error.code) && isNews('connection', error.code)) yield { type: 'offline', failure: error };
    }
  }

  function isNews(about: keyof typeof told, said: string): boolean {
    if (told[about] === said) return false;
    told[about] = said;
    return true;
  }

  async function changes(): Promise<WatchEvent[]> {
    const own = await ownActor(repo);
    return planReport(reported, store.refs.list(TRACKING)).flatMap((moved): WatchEvent[] => {
      const change = describeChange(repo, moved, own);
      reported.set(moved.ref, moved.to);
      return change ? [{ type: 'change', ...change }] : [];
    });
  }

  async function runDue(call: CallOptions): Promise<WatchEvent[]> {
    const { steps, next } = await runQueue(repo, call);
    state.queueDue = planQueueDue(next, steps.length > 0, repo.clock.now().seconds, interval);
    return steps.length > 0 ? [{ type: 'queue', steps }] : [];
  }

  async function merge(): Promise<WatchEvent[]> {
    const theirs = store.refs.get(ORIGIN_MAIN);
    const ours = headCommit(store);
    state.blocked = false;
    if (!pull || !theirs || (ours && contains(graphOf(store), ours, theirs))) {
      told.blocked = '';
      return [];
    }
    try {
      const merged = await mergeCommit(repo, theirs, { label: 'origin/main' });
      state.blocked = merged.status === 'conflicted';
      told.blocked = state.blocked ? 'MERGE_IN_PROGRESS' : '';
      if (merged.status === 'up-to-date') return [];
      return merged.status === 'conflicted' ? [{ type: 'conflicted', merged }] : [{ type: 'pulled', merged }];
    } catch (error) {
      if (!(error instanceof SyncError && BLOCKING.has(error.code))) throw error;
      state.blocked = true;
      return isNews('blocked', error.code) ? [{ type: 'blocked', failure: error }] : [];
    }
  }

  const subscription = (await connectIfThere(repo))?.subscribe?.(hear);
  try {
    if (subscription) await bell.wait(JOIN_MS);
    while (!signal?.aborted) {
      const found: WatchEvent[] = [];
      // One for each look: in Node 20 what is made of a signal by `AbortSignal.any` stays in memory as long as that does.
      const ending = new AbortController();
      const abort = () => ending.abort();
      signal?.addEventListener('abort', abort);
      try {
        for await (const event of look({ signal: ending.signal })) found.push(event);
      } finally {
        signal?.removeEventListener('abort', abort);
        if (found.length > 0) yield found;
      }
      if (once && found.some(({ type }) => type === 'change')) return;
      await bell.wait(1000 * planNextLook(state, interval, Math.random()));
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    bell.close();
    await subscription?.close();
  }
}

/** A watch looks again and again: the audit has of it what it brought, and what ended it. */
async function fetchNews(repo: Repository, call: CallOptions): Promise<void> {
  const look = () =>
    fetch(repo, call).catch((error) => {
      if (error instanceof SyncError && failureClass(error) === 'later') return error;
      throw error;
    });
  const looked = await asSyncOperation(repo, 'watch', look, (found) =>
    found instanceof SyncError || (found.refs.length === 0 && found.received === 0)
      ? null
      : { result: 'fetched', detail: { received: found.received } },
  );
  if (looked instanceof SyncError) throw looked;
}

/** Only a file can be away before it was asked anything, and a file tells of nothing. */
async function connectIfThere(repo: Repository): Promise<Remote | undefined> {
  try {
    return await repo.connect();
  } catch (error) {
    if (error instanceof SyncError && failureClass(error) === 'later') return undefined;
    throw error;
  }
}

const TRACKING = 'refs/remotes/origin/';

/** The actor that the person at work is in this store; undefined for one that has made no commit here. */
async function ownActor({ store, identity }: Repository): Promise<string | undefined> {
  try {
    const { name, email } = await identity();
    return store.actors.findOwn(name, email)?.id;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'IDENTITY_MISSING') return undefined;
    throw error;
  }
}
