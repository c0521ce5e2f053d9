import { SyncError } from '../../core/errors.js';
import type { AuditedMove, RefName, Store } from '../../core/ports.js';
import type { Repository } from '../repository.js';
import { storeId } from './store-id.js';

/** What the audit is told of an operation that has ended. */
export interface OperationOutcome {
  /** Such as `pushed`. */
  readonly result: string;
  /** Numbers, ids and words that are ours. Nothing that a person wrote, and no name. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Who did it, where that is not whoever is at work afterwards. */
  readonly actor?: string;
}

/** Refs at one moment; undefined where they could not be read. */
export type RefsSeen = ReadonlyMap<RefName, string> | undefined;

/** Who did what, and what refs were before. */
export interface OperationDone {
  readonly operation: string;
  readonly actor: string;
  readonly before: RefsSeen;
}

/**
 * Writes an operation into the audit of the store, and beside it what was measured meanwhile.
 *
 * An entry that cannot be written fails nothing: what was done is done, and some operations only read a store that nobody may write.
 */
export function writeEntry(
  repo: Pick<Repository, 'store' | 'clock' | 'entropy'> & Partial<Pick<Repository, 'telemetry' | 'tally'>>,
  { operation, actor, before }: OperationDone,
  { result, detail = {} }: OperationOutcome,
): void {
  const { store } = repo;
  try {
    const after = seeRefs(store);
    const refs = before && after ? movesBetween(before, after) : null;
    store.transact(() => {
      store.audit.append({
        at: isoTime(repo.clock.now().seconds),
        actor,
        action: operation,
        result,
        detail: JSON.stringify({ ...detail, refs }),
        client: storeId(repo) ?? null,
        traceparent: repo.telemetry?.traceparent() ?? null,
      });
      store.metrics.add(repo.tally?.take() ?? []);
    });
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}

/** Reads all refs, as far as they can be read: some operations are about a store that is damaged. */
export function seeRefs({ refs }: Store): RefsSeen {
  try {
    return refs.list();
  } catch (error) {
    if (error instanceof SyncError) return undefined;
    throw error;
  }
}

/** The refs that are not what they were. */
function movesBetween(before: ReadonlyMap<RefName, string>, after: ReadonlyMap<RefName, string>): AuditedMove[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
}

/** A time in seconds since the epoch, as audits have it. */
export function isoTime(seconds: number): string {
  return new Date(1000 * seconds).toISOString().replace('.000', '');
}
