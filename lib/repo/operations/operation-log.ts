import type { Operation } from '../../core/ports.js';
import { actorName } from '../actor.js';
import type { Repository } from '../repository.js';

/** An operation with the name of whoever did it. */
export interface LoggedOperation extends Operation {
  /** The actor id where nobody by it is known. */
  readonly author: string;
}

/**
 * What was done in this store, newest first.
 *
 * @param limit all when left out
 */
export function listOperations(repo: Repository, limit?: number): LoggedOperation[] {
  const operations = repo.store.operations.list(limit === undefined ? {} : { limit });
  return operations.map((operation) => ({ ...operation, author: actorName(repo, operation.actor) }));
}
