import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import type { CallOptions } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { type DraftReport, numberDrafts } from '../artifacts/number-drafts.js';
import { asSyncOperation, type OutcomeOf } from '../audit/sync-operation.js';
import type { OperationOutcome } from '../audit/write-entry.js';
import { type MergeOptions, type MergeResult, mergeCommit } from '../merge/merge.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import { type MergeOutcome, planMerge } from '../merge/plan-merge.js';
import { recordOperation } from '../operations/operation.js';
import { askedFor } from '../queue/asked-for.js';
import { previewRebase, type RebaseOutcome } from '../rebase/preview-rebase.js';
import { type RebaseOptions, type RebaseResult, rebase } from '../rebase/rebase.js';
import type { Repository } from '../repository.js';
import { type FetchResult, fetch, planFetch } from './fetch.js';

/** What a pull did. */
export interface PullResult {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly merged: MergeResult | undefined;
  /** What became of drafts; left out where there were none, or they have to wait. */
  readonly drafts?: DraftReport;
}

/** How to pull. */
export interface PullOptions extends CallOptions, Omit<MergeOptions, 'label'> {}

/**
 * Fetches, then fast-forwards or merges `origin/main` into `HEAD`. Drafts get their numbers afterwards.
 *
 * @throws {SyncError} the codes of `fetch` and `mergeCommit`
 * @see git-pull(1)
 */
export function pull(repo: Repository, { signal, ...options }: PullOptions = {}): Promise<PullResult> {
  const merge = (theirs: Oid) => mergeCommit(repo, theirs, { label: LABEL, ...options });
  const run = async () => {
    const { joined, ...rest } = await fetchAndJoin(repo, signal ? { signal } : {}, merge);
    return { ...rest, merged: joined };
  };
  return asPull(repo, 'pull', run, ({ fetched, merged }) => outcomeOf(fetched, merged));
}

/** What a fetch brought, what came of joining it with `HEAD`, and of drafts. */
interface Joined<Result> {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly joined: Result | undefined;
  readonly drafts?: DraftReport;
}

/**
 * Fetches and joins, as every pull does. Unless that stops, what the queue asked for is done, and drafts get their numbers.
 *
 * @param join is handed `origin/main`
 */
export async function fetchAndJoin<Result extends { readonly status: string }>(
  repo: Repository,
  { signal }: CallOptions,
  join: (upstream: Oid) => Promise<Result>,
): Promise<Joined<Result>> {
  refuseDuringMerge(repo.store);
  const call = signal ? { signal } : {};
  const fulfilled = askedFor(repo.store, 'pull');
  const fetched = await fetch(repo, call);
  const upstream = repo.store.refs.get(ORIGIN_MAIN);
  const joined = upstream ? await join(upstream) : undefined;
  if (joined?.status === 'conflicted') return { fetched, joined };
  fulfilled();
  return { fetched, joined, ...(await numberAfterPull(repo, call)) };
}

/** The pull is done whatever becomes of the drafts: a failure is met again by the next push. */
async function numberAfterPull(repo: Repository, call: CallOptions): Promise<{ readonly drafts?: DraftReport }> {
  try {
    const drafts = await numberDrafts(repo, { ...call, fetched: true });
    return drafts ? { drafts } : {};
  } catch (error) {
    if (!(error instanceof SyncError) || error.code === 'ABORTED') throw error;
    return {};
  }
}

/** What a pull with rebase did. */
export interface PullRebaseResult {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly rebased: RebaseResult | undefined;
  /** As in a {@link PullResult}. */
  readonly drafts?: DraftReport;
}

/** How to pull with rebase. */
export interface PullRebaseOptions extends CallOptions, Omit<RebaseOptions, 'label'> {}

/**
 * Fetches, then replays on top of `origin/main` the commits that it lacks.
 *
 * @throws {SyncError} the codes of `fetch` and `rebase`
 * @see git-pull(1), `--rebase`
 */
export function pullRebase(
  repo: Repository,
  { signal, ...options }: PullRebaseOptions = {},
): Promise<PullRebaseResult> {
  const replayOn = (upstream: Oid) => rebase(repo, upstream, { label: LABEL, ...options });
  const run = async () => {
    const { joined, ...rest } = await fetchAndJoin(repo, signal ? { signal } : {}, replayOn);
    return { ...rest, rebased: joined };
  };
  return asPull(repo, 'pull --rebase', run, ({ fetched, rebased }) => outcomeOf(fetched, rebased));
}

/** Does a pull as one operation, which can be undone, and which the audit has. */
export function asPull<T>(
  repo: Repository,
  name: 'pull' | 'pull --rebase',
  work: () => Promise<T>,
  outcome?: OutcomeOf<Promise<T>>,
): Promise<T> {
  return asSyncOperation(repo, name, () => recordOperation(repo, name, work), outcome);
}

function outcomeOf({ received }: FetchResult, joined: { readonly status: string } | undefined): OperationOutcome {
  return { result: joined?.status ?? 'up-to-date', detail: { received } };
}

/** What a pull would do. */
export interface PullPlan {
  /** What it would bring. */
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly merge: MergeOutcome | undefined;
}

/**
 * Works out what a pull comes to, and writes nothing at all: what the origin sends is held in memory.
 *
 * @throws {SyncError} the codes of `fetch` and `planMerge`
 */
export async function planPull(repo: Repository, { signal, ...options }: PullOptions = {}): Promise<PullPlan> {
  refuseDuringMerge(repo.store);
  const { fetched, objects, main } = await planFetch(repo, signal ? { signal } : {});
  if (main === undefined) return { fetched, merge: undefined };
  return { fetched, merge: await planMerge(repo, main, { label: LABEL, ...options }, objects) };
}

/** What a pull with rebase would do. */
export interface PullRebasePlan {
  /** What it would bring. */
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly rebase: RebaseOutcome | undefined;
}

/**
 * Works out what a pull with rebase comes to, and writes nothing at all.
 *
 * @throws {SyncError} the codes of `fetch` and `previewRebase`
 */
export async function planPullRebase(
  repo: Repository,
  { signal, ...options }: PullRebaseOptions = {},
): Promise<PullRebasePlan> {
  refuseDuringMerge(repo.store);
  const { fetched, objects, main } = await planFetch(repo, signal ? { signal } : {});
  if (main === undefined) return { fetched, rebase: undefined };
  return { fetched, rebase: await previewRebase(repo, main, { label: LABEL, ...options }, objects) };
}

/** What a pull calls the other side. */
export const LABEL = 'origin/main';
