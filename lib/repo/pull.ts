import type { CallOptions } from '../core/ports.js';
import { ORIGIN_MAIN } from '../core/ref/ref-names.js';
import { type FetchResult, fetch, planFetch } from './fetch.js';
import { type MergeOptions, type MergeResult, mergeCommit } from './merge.js';
import { refuseDuringMerge } from './merge-state.js';
import { recordOperation } from './operation.js';
import { type MergeOutcome, planMerge } from './plan-merge.js';
import { previewRebase, type RebaseOutcome } from './preview-rebase.js';
import { type RebaseOptions, type RebaseResult, rebase } from './rebase.js';
import type { Repository } from './repository.js';

/** What a pull did. */
export interface PullResult {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly merged: MergeResult | undefined;
}

/** How to pull. */
export interface PullOptions extends CallOptions, Omit<MergeOptions, 'label'> {}

/**
 * Fetches, then fast-forwards or merges `origin/main` into `HEAD`.
 *
 * @throws {SyncError} the codes of `fetch` and `mergeCommit`
 * @see git-pull(1)
 */
export function pull(repo: Repository, options: PullOptions = {}): Promise<PullResult> {
  return recordOperation(repo, 'pull', () => fetchAndMerge(repo, options));
}

async function fetchAndMerge(repo: Repository, { signal, ...options }: PullOptions): Promise<PullResult> {
  refuseDuringMerge(repo.store);
  const fetched = await fetch(repo, signal ? { signal } : {});
  const theirs = repo.store.refs.get(ORIGIN_MAIN);
  if (!theirs) return { fetched, merged: undefined };
  return { fetched, merged: await mergeCommit(repo, theirs, { label: LABEL, ...options }) };
}

/** What a pull with rebase did. */
export interface PullRebaseResult {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly rebased: RebaseResult | undefined;
}

/** How to pull with rebase. */
export interface PullRebaseOptions extends CallOptions, Omit<RebaseOptions, 'label'> {}

/**
 * Fetches, then replays on top of `origin/main` the commits that it lacks.
 *
 * @throws {SyncError} the codes of `fetch` and `rebase`
 * @see git-pull(1), `--rebase`
 */
export function pullRebase(repo: Repository, options: PullRebaseOptions = {}): Promise<PullRebaseResult> {
  return recordOperation(repo, 'pull --rebase', () => fetchAndRebase(repo, options));
}

async function fetchAndRebase(repo: Repository, { signal, ...options }: PullRebaseOptions): Promise<PullRebaseResult> {
  refuseDuringMerge(repo.store);
  const fetched = await fetch(repo, signal ? { signal } : {});
  const upstream = repo.store.refs.get(ORIGIN_MAIN);
  if (!upstream) return { fetched, rebased: undefined };
  return { fetched, rebased: await rebase(repo, upstream, { label: LABEL, ...options }) };
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

const LABEL = 'origin/main';
