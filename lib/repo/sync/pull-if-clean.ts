import type { Oid } from '../../core/object/oid.js';
import type { ConflictKind } from '../../core/ports.js';
import { mergeCommit } from '../merge/merge.js';
import { planMerge } from '../merge/plan-merge.js';
import { previewRebase } from '../rebase/preview-rebase.js';
import { rebase } from '../rebase/rebase.js';
import type { Repository } from '../repository.js';
import { asPull, fetchAndJoin, LABEL, type PullOptions } from './pull.js';

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
export function pullIfClean(
  repo: Repository,
  { rebase: replays = false, signal, ...options }: PullOptions & { readonly rebase?: boolean } = {},
): Promise<CleanPull> {
  const how = { label: LABEL, ...options };
  const join = async (theirs: Oid): Promise<CleanPull> => {
    const plan = await (replays ? previewRebase(repo, theirs, how) : planMerge(repo, theirs, how));
    if (plan.status === 'conflicted') {
      const conflicted = plan.artifacts.filter(({ outcome }) => outcome === 'conflicted');
      return {
        status: 'conflicted',
        conflicts: conflicted.map(({ path, conflict }) => ({ path, kind: conflict?.kind })),
      };
    }
    // Somebody may have committed in between: then it stops as a pull does.
    const merged = await (replays ? rebase(repo, theirs, how) : mergeCommit(repo, theirs, how));
    if (merged.status !== 'conflicted') return { status: 'pulled' };
    return { status: 'conflicted', conflicts: merged.conflicts };
  };
  return asPull(repo, replays ? 'pull --rebase' : 'pull', async () => {
    const { joined } = await fetchAndJoin(repo, signal ? { signal } : {}, join);
    return joined ?? ({ status: 'pulled' } as const);
  });
}
