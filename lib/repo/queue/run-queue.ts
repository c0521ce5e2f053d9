import { SyncError } from '../../core/errors.js';
import { type FailureClass, failureClass } from '../../core/failure-class.js';
import type { CallOptions, Intent, QueuedIntent, QueueFailure, QueueOutcome } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { isRunning } from '../running-process.js';
import { performIntent } from './perform-intent.js';
import { isClaimed, isTried, planOutcome, planQueueRun, type QueueMoment, type QueueOccasion } from './plan-queue.js';

/** What came of one intent. */
export interface QueueStep {
  readonly id: number;
  readonly intent: Intent;
  /** `waiting`: there was no connection, or no time, and it is tried again. */
  readonly status: 'done' | QueueOutcome['status'];
  /** What was done, for people; empty unless it is done. */
  readonly message: string;
  readonly failure: QueueFailure | null;
}

/** What a run of the queue did. */
export interface QueueRun {
  /** What was tried, in order. */
  readonly steps: readonly QueueStep[];
  /** What is in the queue afterwards. */
  readonly left: readonly QueuedIntent[];
  /** When the next one may be tried, in seconds since the epoch; null when nothing waits. */
  readonly next: number | null;
}

/** How to run the queue. */
export interface RunQueueOptions extends CallOptions {
  /** `due` when left out: for what runs by itself. */
  readonly occasion?: QueueOccasion;
}

/**
 * Does what the queue asks for and whose time has come, in order. An intent that fails for want of a connection ends the run,
 * one that needs a person does not.
 *
 * A conflict stops a pull for a person when the queue itself was asked to `run`, as it does in a pull of one's own; on other
 * occasions nobody expects a merge in progress, and the pull is left to a person.
 *
 * @throws {SyncError} `MERGE_IN_PROGRESS` when the queue itself was asked to `run`; `ABORTED`
 */
export function runQueue(repo: Repository, options: RunQueueOptions = {}): Promise<QueueRun> {
  return asSyncOperation(
    repo,
    'queue run',
    () => runNow(repo, options),
    ({ steps }) =>
      steps.length === 0
        ? null
        : {
            result: steps.every(({ status }) => status === 'done') ? 'done' : 'stopped',
            detail: {
              steps: steps.map(({ id, intent, status, failure }) => ({
                id,
                do: intent.do,
                result: failure ? `${status} ${failure.code}` : status,
              })),
            },
          },
  );
}

async function runNow(repo: Repository, { occasion = 'due', ...options }: RunQueueOptions): Promise<QueueRun> {
  const { queue, merge } = repo.store;
  const isExpected = occasion === 'run' || occasion === 'forced';
  if (isExpected) refuseDuringMerge(repo.store);
  const steps: QueueStep[] = [];
  for (const { id } of planQueueRun(queue.list(), momentOf(repo, occasion))) {
    if (merge.get()) break;
    const item = claim(repo, id, occasion);
    if (item === 'gone') continue;
    if (item === 'taken') break;
    const step = await run(repo, item, { ...options, onConflict: isExpected ? 'stop' : 'leave' });
    steps.push(step);
    if (step.status === 'waiting') break;
  }
  const left = queue.list();
  const first = left.find(({ status }) => status === 'waiting');
  return { steps, left, next: first ? (first.notBefore ?? repo.clock.now().seconds) : null };
}

function momentOf({ clock }: Repository, occasion: QueueOccasion): QueueMoment {
  // Only processes of one machine share a store. This one runs nothing yet: a claim with its number is of one that was killed.
  return { now: clock.now().seconds, occasion, isRunning: (pid) => pid !== process.pid && isRunning(pid) };
}

/** Two processes that run the queue at once do each intent once; to do it twice would do no harm, but take time. */
function claim(repo: Repository, id: number, occasion: QueueOccasion): QueuedIntent | 'gone' | 'taken' {
  const { store } = repo;
  return store.transact(() => {
    const item = store.queue.list().find((queued) => queued.id === id);
    const moment = momentOf(repo, occasion);
    if (!item || !isTried(item, moment)) return 'gone';
    if (isClaimed(item, moment)) return 'taken';
    store.queue.setClaim(id, { pid: process.pid, since: moment.now });
    return item;
  });
}

async function run(
  repo: Repository,
  item: QueuedIntent,
  options: CallOptions & { readonly onConflict: 'stop' | 'leave' },
): Promise<QueueStep> {
  const { queue } = repo.store;
  const { id, intent } = item;
  if (item.attempts > 0) repo.telemetry.measure('retries', 1, { operation: `queue ${intent.do}` });
  try {
    const performed = await performIntent(repo, intent, options);
    if (performed.status === 'done') {
      queue.finish(item);
      return { id, intent, status: 'done', message: performed.message, failure: null };
    }
    return keep(repo, item, { ...performed.failure, retry: 'person' });
  } catch (error) {
    if (error instanceof SyncError && error.code === 'ABORTED') {
      queue.putBack(item, item);
      throw error;
    }
    return keep(repo, item, describe(error));
  }
}

function keep(
  repo: Repository,
  item: QueuedIntent,
  failure: QueueFailure & { readonly retry: FailureClass },
): QueueStep {
  const outcome = planOutcome(item, failure, repo.clock.now().seconds, Math.random());
  repo.store.queue.putBack(item, outcome);
  return { id: item.id, intent: item.intent, status: outcome.status, message: '', failure: outcome.failure };
}

function describe(error: unknown): QueueFailure & { readonly retry: FailureClass } {
  const retry = failureClass(error);
  if (!(error instanceof SyncError)) return { code: 'INTERNAL', message: String(error), retry };
  const { code, message, retryAfter } = error;
  return { code, message, retry, ...(retryAfter === undefined ? {} : { retryAfter }) };
}
