import { CONFIG_DEFAULTS } from '../../config/config-defaults.js';
import { SyncError } from '../../core/errors.js';
import { type NormalConflict, normalizeConflict } from '../../core/merge/conflict-id.js';
import { type ReplayedResolution, replayResolution } from '../../core/merge/replay-resolution.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import type { Conflict, MergeState, PendingConflict, Store } from '../../core/ports.js';
import { mergedVersion } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { pickConflicts } from './pick-conflicts.js';
import { settleConflicts } from './resolve.js';

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
 * Settles conflicts as the same ones were resolved before.
 *
 * @param asked an id, `kind/id`, or a path, among the conflicts; when left out, all that are open and known
 * @throws {SyncError} `RESOLUTION_UNKNOWN` when none of them is known; the codes of `settleConflicts`, `ARTIFACT_UNKNOWN`,
 *   `ARTIFACT_AMBIGUOUS`
 */
export async function resolveAsBefore(repo: Repository, asked?: string): Promise<readonly PendingConflict[]> {
  const rerere = await isRerereOn(repo);
  return settleConflicts(repo, (state) => {
    const wanted =
      asked === undefined
        ? state.conflicts.filter(({ resolution }) => resolution === undefined)
        : pickConflicts(state.conflicts, asked);
    const known = (rerere ? wanted : []).flatMap((conflict) => {
      const before = suggestResolution(repo.store, state, conflict);
      return before ? [{ conflict, answer: { bytes: before.bytes } }] : [];
    });
    if (known.length > 0) return known;
    throw new SyncError(
      'RESOLUTION_UNKNOWN',
      `no resolution of ${asked ? `'${asked}'` : 'these conflicts'} is remembered`,
      {
        hint: rerere
          ? 'Settle it once; the same conflict is offered that resolution again.'
          : "Resolutions are remembered only with 'rerere: true' below 'merge:' in .agent/etc/sync.yaml.",
      },
    );
  });
}

function normalConflict(store: Store, state: MergeState, { path, hunks }: Conflict): NormalConflict | undefined {
  const marked = mergedVersion(store, state, path);
  return marked ? normalizeConflict(readBlob(store.objects, marked.oid), hunks) : undefined;
}
