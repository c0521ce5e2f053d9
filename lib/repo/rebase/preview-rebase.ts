import { mergeBases } from '../../core/graph/merge-base.js';
import { abbreviate } from '../../core/object/abbreviate.js';
import type { Oid } from '../../core/object/oid.js';
import { OverlayObjects } from '../../core/object/overlay-objects.js';
import { readCommit } from '../../core/object/read.js';
import type { ObjectReader } from '../../core/ports.js';
import { graphOf, headCommit } from '../history/head.js';
import { readMergeSettings } from '../merge/merge-settings.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import { noOutcome, type Outcome, outcomeOf } from '../merge/plan-merge.js';
import type { Repository } from '../repository.js';
import { planRebase } from './plan-rebase.js';
import { favorIn, type RebaseOptions } from './rebase.js';
import { replay } from './replay.js';

/** What would become of a commit that only `HEAD` has. */
export interface CommitOutcome {
  readonly commit: Oid;
  /** `waiting`: it comes after one that conflicts, and is not looked at. */
  readonly outcome: 'replayed' | 'dropped' | 'conflicted' | 'waiting';
}

/** The outcome of a rebase that was not made, up to the first commit that conflicts. */
export interface RebaseOutcome extends Outcome {
  readonly status: 'up-to-date' | 'fast-forward' | 'rebased' | 'conflicted';
  readonly commits: readonly CommitOutcome[];
}

/**
 * Works out what replaying the commits that `upstream` lacks comes to, and writes nothing at all.
 *
 * @param objects the store's, or those and more
 * @throws {SyncError} `MERGE_IN_PROGRESS`, `UNRELATED_HISTORIES`, `BASE_UNKNOWN`, `CONFIG_INVALID`
 */
export async function previewRebase(
  repo: Repository,
  upstream: Oid,
  options: RebaseOptions,
  objects: ObjectReader = repo.store.objects,
): Promise<RebaseOutcome> {
  const { store } = repo;
  refuseDuringMerge(store);
  const settings = await readMergeSettings(repo);
  const ours = headCommit(store);
  const sides = { ours, theirs: upstream };
  const graph = graphOf(store, objects);
  const plan = planRebase(objects, graph, ours, upstream, options);
  if (plan.do === 'nothing') return { status: 'up-to-date', commits: [], ...noOutcome(objects, ours!, upstream) };
  if (plan.do === 'fast-forward') {
    const { tree } = readCommit(objects, upstream);
    const joined = { bases: [ours], tree, merged: [], conflicts: [], messages: [] };
    return { status: 'fast-forward', commits: [], ...outcomeOf(repo, objects, sides, joined) };
  }
  const everything = new OverlayObjects(objects);
  const { seconds, offset } = repo.clock.now();
  const { head, done, merged, stopped } = replay(everything, upstream, plan.todo, {
    settings: { ...settings, favor: favorIn(settings, options) ?? undefined },
    committer: { actor: 'nobody', time: seconds, offset },
    abbreviate: (oid) => abbreviate(store.objects, oid),
  });
  const commits: CommitOutcome[] = [
    ...plan.applied.map((commit) => ({ commit, outcome: 'dropped' }) as const),
    ...done.map(({ from, to }) => ({ commit: from, outcome: to ? 'replayed' : 'dropped' }) as const),
    ...(stopped ? [{ commit: stopped.commit, outcome: 'conflicted' } as const] : []),
    ...(stopped?.todo ?? []).map((commit) => ({ commit, outcome: 'waiting' }) as const),
  ];
  const { tree, conflicts, messages } = stopped ?? { ...readCommit(everything, head), conflicts: [], messages: [] };
  const joined = { bases: mergeBases(graph, ours!, upstream), tree, merged, conflicts, messages };
  return {
    status: stopped ? 'conflicted' : 'rebased',
    commits,
    ...outcomeOf(repo, everything, sides, joined),
  };
}
