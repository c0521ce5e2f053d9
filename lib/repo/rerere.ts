import { CONFIG_DEFAULTS } from '../config/config-defaults.js';
import { type NormalConflict, normalizeConflict } from '../core/merge/conflict-id.js';
import { type ReplayedResolution, replayResolution } from '../core/merge/replay-resolution.js';
import type { Oid } from '../core/object/oid.js';
import { readBlob } from '../core/object/read.js';
import type { Conflict, MergeState, Store } from '../core/ports.js';
import { mergedVersion, mergeInProgress } from './merge-state.js';
import { pickArtifact } from './pick-artifact.js';
import type { Repository } from './repository.js';

/** Whether resolutions are recorded and offered again: `merge.rerere` in sync.yaml. */
export async function isRerereOn(repo: Repository): Promise<boolean> {
  return ((await repo.config()) ?? CONFIG_DEFAULTS).merge.rerere;
}

/**
 * The resolution that was recorded for the same conflicts, carried over to this text; it is for a person to take or leave.
 *
 * @returns undefined when none is known, or none can be carried over
 * @see git-rerere(1)
 */
export function suggestResolution(store: Store, state: MergeState, conflict: Conflict): ReplayedResolution | undefined {
  const { objects, rerere } = store;
  const now = normalConflict(store, state, conflict);
  if (!now) return undefined;
  for (const { preimage, postimage } of rerere.find(now.id)) {
    if (!objects.has(preimage) || !objects.has(postimage)) continue;
    const replayed = replayResolution(readBlob(objects, preimage), readBlob(objects, postimage), now);
    if (replayed) return replayed;
  }
  return undefined;
}

/** Records how the conflicts of a merge were resolved, where they lay in text; wants to be in the transaction that commits it. */
export function recordResolutions({ store, clock }: Repository, state: MergeState): void {
  const time = clock.now().seconds;
  for (const conflict of state.conflicts) {
    const postimage = conflict.resolution?.oid;
    const normal = postimage && normalConflict(store, state, conflict);
    if (!normal || isKnown(store, state, conflict, postimage)) continue;
    const preimage = store.objects.write({ type: 'blob', body: normal.preimage });
    store.rerere.record(normal.id, { preimage, postimage, time });
  }
}

/** What was suggested and taken need not be recorded for each text that it fits. */
function isKnown(store: Store, state: MergeState, conflict: Conflict, postimage: Oid): boolean {
  const suggested = suggestResolution(store, state, conflict);
  return suggested !== undefined && store.objects.hash('blob', suggested.bytes) === postimage;
}

/**
 * Forgets what was recorded for the conflicts of one artifact of the merge in progress.
 *
 * @returns the artifact's path, and how many resolutions there were
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 * @see git-rerere(1), "forget"
 */
export function forgetResolution(
  { store }: Repository,
  artifact: string,
): { readonly path: string; readonly forgotten: number } {
  const state = mergeInProgress(store);
  const conflict = pickArtifact(state.conflicts, artifact, 'conflict');
  const normal = normalConflict(store, state, conflict);
  return { path: conflict.path, forgotten: normal ? store.rerere.forget(normal.id) : 0 };
}

function normalConflict(store: Store, state: MergeState, { path, hunks }: Conflict): NormalConflict | undefined {
  const marked = mergedVersion(store, state, path);
  return marked ? normalizeConflict(readBlob(store.objects, marked.oid), hunks) : undefined;
}
