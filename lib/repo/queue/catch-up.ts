import { SyncError } from '../../core/errors.js';
import type { CallOptions } from '../../core/ports.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import type { QueueStep } from './run-queue.js';

/**
 * Does what waits in the queue, before a command that talks to the origin anyway. Whatever goes wrong stays in the queue.
 *
 * @returns what was tried
 * @throws {SyncError} `ABORTED`
 */
export async function catchUp(repo: Repository, options: CallOptions = {}): Promise<readonly QueueStep[]> {
  // Most of the time nothing waits, and a command need not load what it takes to run a queue.
  if (repo.store.queue.list().length === 0) return [];
  const { runQueue } = await import('./run-queue.js');
  try {
    const run = () => runQueue(repo, { ...options, occasion: 'asked' });
    // Who undoes the command that comes next does not mean what had waited for it.
    return (await recordOperation(repo, 'sync queue run', run, { apart: true })).steps;
  } catch (error) {
    if (error instanceof SyncError && error.code !== 'ABORTED') return [];
    throw error;
  }
}
