import { parseArtifactPath } from '../../artifact/path.js';
import { readBlob } from '../../core/object/read.js';
import type { MergeState, PendingConflict, Store } from '../../core/ports.js';
import { conflictArtifact } from '../../repo/conflicts/pick-conflicts.js';
import { suggestResolution } from '../../repo/conflicts/rerere.js';
import { documentFacts } from '../../repo/history/document-facts.js';
import { mergedVersion, stagesOf } from '../../repo/merge/merge-state.js';
import type { ShownConflict } from './show-question.js';

/** Reads all that a walk shows of a conflict. */
export function readShownConflict(
  store: Store,
  state: MergeState,
  conflict: PendingConflict,
  { rerere }: { readonly rerere: boolean },
): ShownConflict {
  const { path, ours, theirs, base } = conflict;
  const artifact = conflictArtifact(path);
  const versions = stagesOf(store, conflict);
  const readable = (ours && versions.ours) ?? (theirs && versions.theirs) ?? (base && versions.base);
  const merged = mergedVersion(store, state, path);
  const isOneOf = [base, ours, theirs].some((version) => version?.oid === merged?.oid);
  return {
    conflict,
    name: artifact && artifact.id !== '' ? `${artifact.kind}/${artifact.id}` : path,
    title: parseArtifactPath(path) && readable ? documentFacts(path, readable).title : '',
    versions,
    marked: merged ? readBlob(store.objects, merged.oid) : new Uint8Array(0),
    isMerged: merged !== null && !isOneOf && conflict.hunks.length === 0,
    remembered: rerere ? suggestResolution(store, state, conflict) : undefined,
  };
}
