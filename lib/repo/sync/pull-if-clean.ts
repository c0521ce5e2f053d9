import type { ConflictKind } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { planMerge } from '../merge/plan-merge.js';
import { previewRebase } from '../rebase/preview-rebase.js';
import type { Repository } from '../repository.js';
import { fetch } from './fetch.js';
import { type PullOptions, pull, pullRebase } from './pull.js';

/** What came of a pull that nobody watches. */
export type CleanPull =
  | { readonly status: 'pulled' }
  | {
      readonly status: 'conflicted';
      /** What needs a person. */
      readonly conflicts: readonly { readonly path: string; readonly kind: ConflictKind | undefined }[];
    };

/**
 * Pulls if that needs no person, and leaves everything as it is otherwise; what the origin has is fetched either way.
 *
 * @throws {SyncError} the codes of `pull`
 */
export async function pullIfClean(
  repo: Repository,
  { rebase = false, ...options }: PullOptions & { readonly rebase?: boolean } = {},
): Promise<CleanPull> {
  const { signal, ...how } = options;
  await fetch(repo, signal ? { signal } : {});
  const theirs = repo.store.refs.get(ORIGIN_MAIN);
  if (!theirs) return { status: 'pulled' };
  const label = 'origin/main';
  const plan = rebase
    ? await previewRebase(repo, theirs, { label, ...how })
    : await planMerge(repo, theirs, { label, ...how });
  if (plan.status === 'conflicted') {
    const conflicted = plan.artifacts.filter(({ outcome }) => outcome === 'conflicted');
    return {
      status: 'conflicted',
      conflicts: conflicted.map(({ path, conflict }) => ({ path, kind: conflict?.kind })),
    };
  }
  // Somebody may have committed in between: then it stops as a pull does.
  const { merged } = rebase ? { merged: (await pullRebase(repo, options)).rebased } : await pull(repo, options);
  if (merged?.status !== 'conflicted') return { status: 'pulled' };
  return { status: 'conflicted', conflicts: merged.conflicts };
}
