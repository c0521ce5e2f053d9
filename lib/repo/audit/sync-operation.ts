import { AsyncLocalStorage } from 'node:async_hooks';
import { SyncError } from '../../core/errors.js';
import type { AuditedMove, RefName, Store } from '../../core/ports.js';
import { actorAtWork } from '../actor.js';
import type { Repository } from '../repository.js';
import { storeId } from './store-id.js';

/** What the audit is told of an operation that has ended. */
export interface OperationOutcome {
  /** Such as `pushed`. */
  readonly result: string;
  /** Numbers, ids and words that are ours. Nothing that a person wrote, and no name. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Says what came of an operation; null where nothing was done that is worth an entry. */
export type OutcomeOf<T> = (value: Awaited<T>) => OperationOutcome | string | null;

/** The store whose operation is under way: what is called within it is part of it. */
const underWay = new AsyncLocalStorage<Store>();

/**
 * Does a sync operation, and writes it into the audit when it has ended, well or not: who, what, when, where, what came of it, refs
 * before and after. What is done within another operation is part of that one and has no entry of its own. It is a span, and what
 * was measured meanwhile goes into the store along with the entry.
 *
 * An entry that cannot be written fails nothing: what was done is done, and some operations only read a store that nobody may write.
 *
 * @param operation as the audit is to call it
 * @param work may answer a promise
 * @param outcomeOf `status` of what `work` answers, when left out
 */
export function asSyncOperation<T>(
  repo: Repository,
  operation: string,
  work: () => T,
  outcomeOf: OutcomeOf<T> = statusOf,
): T {
  const { store, telemetry } = repo;
  if (underWay.getStore() === store) return telemetry.span('step', operation, {}, work);
  return telemetry.span('operation', operation, { operation }, () =>
    underWay.run(store, () => {
      const before = store.refs.list();
      const begun = performance.now();
      const end = (outcome: OperationOutcome | string | null, actor: string) => {
        if (outcome === null) return;
        tell(repo, operation, outcome, actor, (performance.now() - begun) / 1000);
        record(repo, operation, outcome, before, actor);
      };
      let value: T;
      try {
        value = work();
      } catch (error) {
        end(failureOf(error), lastActor(store));
        throw error;
      }
      if (!(value instanceof Promise)) {
        end(outcomeOf(value as Awaited<T>), lastActor(store));
        return value;
      }
      return value.then(
        async (done: Awaited<T>) => {
          end(outcomeOf(done), await actorAtWork(repo));
          return done;
        },
        async (error: unknown) => {
          end(failureOf(error), await actorAtWork(repo));
          throw error;
        },
      ) as T;
    }),
  );
}

/** Tells how an operation went: words and numbers only. */
function tell(
  { telemetry }: Repository,
  operation: string,
  outcome: OperationOutcome | string,
  actor: string,
  seconds: number,
): void {
  const { result: said, detail = {} } = typeof outcome === 'string' ? { result: outcome } : outcome;
  const result = said.startsWith(FAILED) ? 'failed' : said;
  const counts = Object.entries(detail).filter(([, value]) => typeof value === 'number');
  telemetry.add({ result, actor, ...Object.fromEntries(counts) });
  telemetry.measure('operation_duration', seconds, { operation, result });
}

const FAILED = 'failed ';

/** Such as `failed ORIGIN_UNREACHABLE`. */
export function failureOf(error: unknown): string {
  return `${FAILED}${error instanceof SyncError ? error.code : 'INTERNAL'}`;
}

function statusOf(value: unknown): string {
  const status = typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined;
  return typeof status === 'string' ? status : 'done';
}

function record(
  repo: Repository,
  action: string,
  outcome: OperationOutcome | string,
  before: ReadonlyMap<RefName, string>,
  actor: string,
): void {
  const { store } = repo;
  const { result, detail = {} } = typeof outcome === 'string' ? { result: outcome } : outcome;
  try {
    const refs = movesBetween(before, store.refs.list());
    const entry = {
      at: isoTime(repo.clock.now().seconds),
      actor,
      action,
      result,
      detail: JSON.stringify({ ...detail, refs }),
      client: storeId(repo) ?? null,
      traceparent: repo.telemetry.traceparent() ?? null,
    };
    store.transact(() => {
      store.audit.append(entry);
      store.metrics.add(repo.tally.take());
    });
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}

/** The refs that are not what they were. */
function movesBetween(before: ReadonlyMap<RefName, string>, after: ReadonlyMap<RefName, string>): AuditedMove[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
}

/** For what cannot wait to hear who is at work: whoever moved a ref last. */
function lastActor({ actors }: Store): string {
  return actors.lastOwn() ?? 'nobody';
}

/** A time in seconds since the epoch, as audits have it. */
export function isoTime(seconds: number): string {
  return new Date(1000 * seconds).toISOString().replace('.000', '');
}
