import { isArtifactPath } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8 } from '../../core/object/text.js';
import type { MergeState, PendingConflict, Store } from '../../core/ports.js';
import { checkDocument } from '../artifacts/change-artifact.js';
import type { Repository } from '../repository.js';
import { conflictToken } from './conflicts.js';
import { pickConflicts } from './pick-conflicts.js';
import type { TokenAnswer } from './read-answers.js';
import { settleConflicts } from './resolve.js';

/**
 * Settles conflicts with answers that a program made, all or none.
 *
 * @param asked the artifact that the answers have to be about; any when left out
 * @returns the conflicts as they are now, in the order of the answers
 * @throws {SyncError} `CONFLICT_CHANGED` when a conflict is not what its token says; `MERGE_UNRESOLVED` when a text still has this
 *   merge's markers; `ARTIFACT_INVALID` when it has a problem that neither side had; otherwise as `resolveConflict`
 */
export function resolveWithInput(
  repo: Repository,
  answers: readonly TokenAnswer[],
  asked?: string,
): readonly PendingConflict[] {
  const { store } = repo;
  const plan = (state: MergeState) => {
    const conflicts = asked === undefined ? state.conflicts : pickConflicts(state.conflicts, asked);
    const byToken = new Map(conflicts.map((conflict) => [conflictToken(store, state, conflict), conflict]));
    return answers.map(({ token, answer }, i) => {
      const conflict = byToken.get(token);
      if (!conflict) throw changed(asked ?? `answer ${i + 1}`);
      return { conflict, answer };
    });
  };
  return settleConflicts(repo, plan, (conflict) => refuseInvalid(store, conflict));
}

function changed(what: string): SyncError {
  return new SyncError(
    'CONFLICT_CHANGED',
    `the conflict that ${what} is for has changed since it was read, or is gone`,
    {
      hint: "Read it again with 'agent sync conflicts --json', and answer what it is now. Nothing was settled.",
    },
  );
}

function refuseInvalid({ objects }: Store, { path, ours, theirs, resolution }: PendingConflict): void {
  if (!resolution || !isArtifactPath(path)) return;
  const sides = [ours, theirs].flatMap((side) => (side ? decodeUtf8(readBlob(objects, side.oid)) : []));
  checkDocument(path, readBlob(objects, resolution.oid), sides);
}
