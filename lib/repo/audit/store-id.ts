import { SyncError } from '../../core/errors.js';
import { STORE_ID } from '../../core/setting-names.js';
import type { Repository } from '../repository.js';

/**
 * The random id of this store, made on first use. Audits say by it where something was done: it names a clone, and no machine or
 * person.
 *
 * @returns undefined for a store that has none and cannot be written
 */
export function storeId({ store, entropy }: Pick<Repository, 'store' | 'entropy'>): string | undefined {
  const known = store.settings.get(STORE_ID);
  if (known) return known;
  try {
    return store.transact(() => {
      const id = store.settings.get(STORE_ID) ?? entropy.uuid();
      store.settings.set(STORE_ID, id);
      return id;
    });
  } catch (error) {
    if (error instanceof SyncError) return undefined;
    throw error;
  }
}
