import type { CallOptions } from '../core/ports.js';
import { ORIGIN_MAIN } from '../core/ref/ref-names.js';
import { type FetchResult, fetch } from './fetch.js';
import { type MergeResult, mergeCommit } from './merge.js';
import { refuseDuringMerge } from './merge-state.js';
import type { Repository } from './repository.js';

/** What a pull did, or would do. */
export interface PullResult {
  readonly fetched: FetchResult;
  /** Undefined when the origin has no `main` yet. */
  readonly merged: MergeResult | undefined;
}

/** How to pull. */
export interface PullOptions extends CallOptions {
  readonly dryRun?: boolean;
  readonly allowUnrelated?: boolean;
}

/**
 * Fetches, then fast-forwards or merges `origin/main` into `HEAD`.
 *
 * A dry run fetches too, since objects and remote-tracking refs take nothing from anybody, and only tries the merge.
 *
 * @throws {SyncError} the codes of `fetch` and `mergeCommit`
 * @see git-pull(1)
 */
export async function pull(repo: Repository, options: PullOptions = {}): Promise<PullResult> {
  refuseDuringMerge(repo.store);
  const fetched = await fetch(repo, options.signal ? { signal: options.signal } : {});
  const theirs = repo.store.refs.get(ORIGIN_MAIN);
  if (!theirs) return { fetched, merged: undefined };
  const { dryRun = false, allowUnrelated = false } = options;
  return { fetched, merged: await mergeCommit(repo, theirs, { label: 'origin/main', dryRun, allowUnrelated }) };
}
