import { CONFIG_DEFAULTS } from '../../config/config-defaults.js';
import { SyncError } from '../../core/errors.js';
import { isOffline } from '../../core/failure-class.js';
import type { Intent, QueuedIntent, QueueFailure, Store } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';

/** That something waits in the queue, because there was no connection. */
export interface Queued {
  readonly status: 'queued';
  readonly id: number;
  readonly intent: Intent;
  readonly reason: QueueFailure;
}

/** How many intents the queue holds, by what they wait for. */
export interface QueueCounts {
  /** For the origin. */
  readonly waiting: number;
  /** For a person. */
  readonly blocked: number;
  /** For nothing: they were refused. */
  readonly refused: number;
}

/** Lists what is in the queue, in the order in which it runs. */
export function listQueue(repo: Repository): QueuedIntent[] {
  return repo.store.queue.list();
}

/** Counts what is in the queue. */
export function countQueue({ queue }: Store): QueueCounts {
  const statuses = queue.list().map(({ status }) => status);
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  return { waiting: count('waiting'), blocked: count('blocked'), refused: count('refused') };
}

/** Puts an intent into the queue; one that is there already waits anew. */
export function enqueue(repo: Repository, intent: Intent): QueuedIntent {
  return repo.store.queue.add(intent, repo.clock.now().seconds);
}

/**
 * Takes an intent off the queue. What it was about stays as it is.
 *
 * @throws {SyncError} `INTENT_UNKNOWN`
 */
export function dropIntent(repo: Repository, id: number): void {
  asSyncOperation(
    repo,
    'queue drop',
    () => {
      if (repo.store.queue.drop(id)) return;
      throw new SyncError('INTENT_UNKNOWN', `nothing in the queue has the number ${id}`, {
        hint: "'agent sync queue' lists what is there.",
      });
    },
    () => ({ result: 'done', detail: { id } }),
  );
}

/**
 * Does something that needs the origin, or queues it when there is no connection.
 *
 * @param command what it is called on the command line
 * @param queues whether to queue it; what `sync.offline` says when false
 * @throws {SyncError} what `work` throws; with a hint how to queue it, where that would help
 */
export async function orQueue<T>(
  repo: Repository,
  { intent, command, queues }: { readonly intent: Intent; readonly command: string; readonly queues: boolean },
  work: () => Promise<T>,
): Promise<T | Queued> {
  try {
    return await work();
  } catch (error) {
    if (!isOffline(error)) throw error;
    if (!queues && !(await queuesOffline(repo))) {
      throw withHint(error, `'${command} --queue' has it wait for a connection (docs/offline.md).`);
    }
    return queueAfter(repo, intent, error);
  }
}

/** Queues what a failure kept from being done. */
export function queueAfter(repo: Repository, intent: Intent, { code, message }: SyncError): Queued {
  return { status: 'queued', id: enqueue(repo, intent).id, intent, reason: { code, message } };
}

/**
 * Whether commands without a connection leave their work to the queue in this project, as `sync.offline` says.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function queuesOffline(repo: Repository): Promise<boolean> {
  const { sync } = (await repo.config()) ?? CONFIG_DEFAULTS;
  return sync.offline === 'queue';
}

/** The same failure, with one more thing that can be done about it. */
export function withHint(error: SyncError, more: string): SyncError {
  const { code, message, hint, retryAfter } = error;
  return new SyncError(code, message, {
    hint: hint === undefined ? more : `${hint}\n${more}`,
    cause: error,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
