import type { Repository } from '../repository.js';

/**
 * Does something as one operation, which can be undone; inside another operation it is part of that.
 *
 * @param command as the log of operations is to call it
 * @param options.apart whether it is one of its own even inside another
 */
export function recordOperation<T>(
  { store, clock }: Repository,
  command: string,
  work: () => T,
  { apart = false }: { readonly apart?: boolean } = {},
): T {
  const end = store.operations.begin({ command, time: clock.now().seconds, apart });
  let result: T;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as T;
  end();
  return result;
}

/** Does something in one transaction and as one operation. */
export function transactAs<T>(repo: Repository, command: string, work: () => T): T {
  return recordOperation(repo, command, () => repo.store.transact(work));
}
