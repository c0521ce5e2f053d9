import { AsyncLocalStorage } from 'node:async_hooks';
import { SyncError } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';
import type { Facts, Store } from '../../core/ports.js';
import { actorAtWork } from '../actor.js';
import type { Repository } from '../repository.js';
import { storeId } from './store-id.js';
import { type OperationDone, type OperationOutcome, seeRefs, writeEntry } from './write-entry.js';

/** Says what came of an operation; null where nothing was done that is worth an entry. */
export type OutcomeOf<T> = (value: Awaited<T>) => OperationOutcome | string | null;

/** The store whose operation is under way: what is called within it is part of it. */
const underWay = new AsyncLocalStorage<Store>();

/**
 * Does a sync operation, and writes it into the audit when it has ended, well or not: who, what, when, where, what came of it, refs
 * before and after. What is done within another operation is part of that one and has no entry of its own. It is a span, and what
 * was measured meanwhile goes into the store along with the entry.
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
  const audited = () => {
    const before = seeRefs(store);
    const begun = performance.now();
    // Here every operation begins and ends, once.
    const end = (outcome: OperationOutcome | string | null, actor: string) => {
      if (outcome === null) return;
      const said = typeof outcome === 'string' ? { result: outcome } : outcome;
      tell(repo, { operation, actor, before }, said, (performance.now() - begun) / 1000);
      writeEntry(repo, { operation, actor, before }, said);
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
        const outcome = outcomeOf(done);
        const by = typeof outcome === 'object' ? outcome?.actor : undefined;
        end(outcome, by ?? (await actorAtWork(repo)));
        return done;
      },
      async (error: unknown) => {
        end(failureOf(error), await actorAtWork(repo));
        throw error;
      },
    ) as T;
  };
  return telemetry.span('operation', operation, { operation }, () => underWay.run(store, audited));
}

/** Tells how an operation went: words and numbers only. */
function tell(
  repo: Repository,
  { operation, actor }: OperationDone,
  { result: said, detail = {} }: OperationOutcome,
  seconds: number,
): void {
  const result = said.startsWith(FAILED) ? 'failed' : said;
  const counts = Object.entries(detail).filter(([name, value]) => COUNTS.has(name) && typeof value === 'number');
  const store = storeId(repo);
  repo.telemetry.add({ result, actor, ...(store ? { store } : {}), ...Object.fromEntries(counts) });
  repo.telemetry.measure('operation_duration', seconds, { operation, result });
}

const FAILED = 'failed ';
/** What may be told of a detail. */
const COUNTS: ReadonlySet<string> = new Set<keyof Facts>(['commits', 'objects']);

/** Such as `failed ORIGIN_UNREACHABLE`. */
export function failureOf(error: unknown): string {
  return `${FAILED}${error instanceof SyncError ? error.code : 'INTERNAL'}`;
}

function statusOf(value: unknown): string {
  const status = isRecord(value) ? value.status : undefined;
  return typeof status === 'string' ? status : 'done';
}

/** For what cannot wait to hear who is at work: whoever moved a ref last; `nobody` also in a store that cannot be read. */
function lastActor({ actors }: Store): string {
  try {
    return actors.lastOwn() ?? 'nobody';
  } catch (error) {
    if (error instanceof SyncError) return 'nobody';
    throw error;
  }
}
