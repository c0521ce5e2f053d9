import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { contains } from '../../core/graph/merge-base.js';
import { newObjects } from '../../core/graph/reachable.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { CallOptions, IdentifiedObject, ObjectReader, PushRequest } from '../../core/ports.js';
import { MAIN, ORIGIN_MAIN, PUSHED } from '../../core/ref/ref-names.js';
import { reflogActor } from '../actor.js';
import { type DraftReport, numberDrafts } from '../artifacts/number-drafts.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { OperationOutcome } from '../audit/write-entry.js';
import { eraseAtOrigin } from '../erasure/erase-at-origin.js';
import type { Erased } from '../erasure/erase-here.js';
import { learnErasures } from '../erasure/learn-erasures.js';
import { graphOf, headCommit } from '../history/head.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import { transactAs } from '../operations/operation.js';
import { refuseUnclean } from '../privacy/unclean.js';
import { askedFor } from '../queue/asked-for.js';
import type { Repository } from '../repository.js';
import { isNews } from './fetch.js';
import type { PushWithPullResult } from './push-with-pull.js';
import { advanceCursor, isComplete } from './receive.js';

/** What a push did, or would do. Only `pushed` moved the origin's ref, as it acknowledged itself. */
export type PushResult = PushOutcome & {
  /** What became of drafts; left out where there were none. */
  readonly drafts?: DraftReport;
  /** What was erased here because the origin has erased it; left out where that is nothing. */
  readonly erased?: Erased;
};

type PushOutcome =
  | { readonly status: 'nothing-to-push' }
  | { readonly status: 'up-to-date'; readonly commit: Oid }
  | {
      readonly status: 'pushed' | 'would-push';
      readonly from: Oid | null;
      readonly to: Oid;
      readonly commits: number;
      readonly objects: number;
    }
  | {
      readonly status: 'rejected';
      /** `fetch-first`: the origin has commits that this store lacks. `non-fast-forward`: it has commits not merged here. */
      readonly reason: 'fetch-first' | 'non-fast-forward';
      readonly local: Oid;
      readonly remote: Oid | null;
    };

/** What a push has to do. */
export type PushDecision =
  | { readonly do: 'nothing' }
  | { readonly do: 'reject'; readonly reason: 'fetch-first' | 'non-fast-forward' }
  | { readonly do: 'send'; readonly commits: readonly Oid[] };

/**
 * Decides what a push of `local` onto `remote` has to do.
 *
 * @see git-push(1), "Note about fast-forwards"
 */
export function planPush(objects: ObjectReader, graph: CommitGraph, local: Oid, remote: Oid | null): PushDecision {
  if (local === remote) return { do: 'nothing' };
  if (remote !== null) {
    if (!objects.has(remote)) return { do: 'reject', reason: 'fetch-first' };
    if (contains(graph, remote, local)) return { do: 'nothing' };
    if (!contains(graph, local, remote)) return { do: 'reject', reason: 'non-fast-forward' };
  }
  return { do: 'send', commits: revWalk(graph, [local], remote ? [remote] : []) };
}

/** How to push. */
export interface PushOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** What `main` at the origin was a moment ago; it is asked for when left out. A guess that is wrong is rejected. */
  readonly current?: Oid;
}

/**
 * Sends `main` to the origin, if that only adds to what the origin has. Drafts get their numbers before.
 *
 * @throws {SyncError} the codes of `Remote`; `MERGE_IN_PROGRESS`; `CONTENT_BLOCKED` when something would be sent that may not be;
 *   `ERASURE_INVALID`
 */
export async function push(repo: Repository, options: PushOptions = {}): Promise<PushResult> {
  if (options.dryRun) {
    refuseDuringMerge(repo.store);
    return send(repo, options);
  }
  return asSyncOperation(repo, 'push', () => numberAndSend(repo, options), pushOutcome);
}

/** What the audit keeps of a push: how much was sent, or what kept it from being sent. */
export function pushOutcome(result: PushWithPullResult): OperationOutcome {
  switch (result.status) {
    case 'pushed':
      return { result: 'pushed', detail: { commits: result.commits, objects: result.objects } };
    case 'rejected':
      return { result: 'rejected', detail: { reason: result.reason, local: result.local, remote: result.remote } };
    default:
      return { result: result.status };
  }
}

async function numberAndSend(repo: Repository, options: PushOptions): Promise<PushResult> {
  refuseDuringMerge(repo.store);
  const fulfilled = askedFor(repo.store, 'push');
  const drafts = await numberDrafts(repo, options);
  let erased: Erased | undefined;
  const outcome = await send(repo, options, (here) => {
    erased = here;
  });
  if (outcome.status !== 'rejected') fulfilled();
  return { ...outcome, ...(drafts ? { drafts } : {}), ...(erased ? { erased } : {}) };
}

/** @param tell of what the origin has erased */
async function send(
  repo: Repository,
  options: PushOptions,
  tell: (erased: Erased | undefined) => void = () => {},
): Promise<PushOutcome> {
  const { store } = repo;
  const local = headCommit(store);
  if (local === null) return { status: 'nothing-to-push' };
  const remote = await repo.connect();
  const before = store.refs.get(ORIGIN_MAIN) ?? null;
  const state = options.current === undefined ? await remote.describe(options) : undefined;
  const current = options.current ?? state?.refs.get(MAIN) ?? null;
  if (state && !options.dryRun) tell(await learnErasures(repo, remote, state, options));
  const graph = graphOf(store);
  const decision = planPush(store.objects, graph, local, current);
  const actor = await reflogActor(repo);

  const track = (to: Oid, reason: string) => {
    store.transact(() => {
      const expected = store.refs.get(ORIGIN_MAIN) ?? null;
      // A fetch that was broken off may have left a commit without its files.
      if (expected === to || !isComplete(store, store.objects, to)) return;
      if (!isNews(graphOf(store), before, expected, to)) return;
      const note = { actor, time: repo.clock.now().seconds, message: reason };
      store.refs.update([{ name: ORIGIN_MAIN, expected, target: to }], note);
    });
  };

  if (decision.do === 'reject') return { status: 'rejected', reason: decision.reason, local, remote: current };
  if (decision.do === 'nothing') {
    if (!options.dryRun) {
      transactAs(repo, 'push', () => track(current!, 'push: already there'));
      if (store.settings.get(PENDING) !== undefined) store.settings.unset(PENDING);
    }
    return { status: 'up-to-date', commit: current! };
  }
  const erased: Oid[] = [];
  const objects = repo.telemetry.span('step', 'read objects', {}, () => {
    const read: IdentifiedObject[] = [];
    for (const { oid } of newObjects(store.objects, graph, local, current ? [current] : [])) {
      if (store.erasures.has(oid)) erased.push(oid);
      else read.push({ oid, ...store.objects.read(oid) });
    }
    repo.telemetry.add({ objects: read.length });
    return read;
  });
  await refuseUnclean(repo, decision.commits);
  const summary = { from: current, to: local, commits: decision.commits.length, objects: objects.length };
  if (options.dryRun) return { status: 'would-push', ...summary };

  await eraseAtOrigin(repo, remote, erased, options);
  const authors = new Set(decision.commits.map((oid) => readCommit(store.objects, oid).author.actor));
  const request: PushRequest = {
    id: pushId(repo, local, current),
    edits: [{ name: MAIN, expected: current, target: local }],
    objects,
    actors: store.actors.list().filter(({ id }) => authors.has(id)),
  };
  repo.telemetry.add({ ref: MAIN, to: local, ...(current ? { from: current } : {}) });
  const answer = await remote.push(request, options);
  store.settings.unset(PENDING);
  if (answer.status === 'rejected') {
    const reason = answer.current !== null && store.objects.has(answer.current) ? 'non-fast-forward' : 'fetch-first';
    return { status: 'rejected', reason, local, remote: answer.current };
  }
  transactAs(repo, 'push', () => {
    track(answer.refs.get(MAIN) ?? local, PUSHED);
    advanceCursor(store, answer.sequence.from, answer.sequence.to);
  });
  return { status: 'pushed', ...summary };
}

const PENDING = 'remote.origin.push';

/** A push that got no answer keeps its id, so that sending it again is recognised as the same. */
function pushId(repo: Repository, local: Oid, remote: Oid | null): string {
  const { settings } = repo.store;
  const what = `${local} ${remote}`;
  const [id, pending] = settings.get(PENDING)?.split('/') ?? [];
  if (id !== undefined && pending === what) return id;
  const fresh = repo.entropy.uuid();
  settings.set(PENDING, `${fresh}/${what}`);
  return fresh;
}
