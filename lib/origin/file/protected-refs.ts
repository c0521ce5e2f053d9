import type { Store } from '../../core/ports.js';
import { parseRefPattern } from '../../core/ref/protected-ref.js';
import { MAIN } from '../../core/ref/ref-names.js';
import { ORIGIN_PROTECTED } from '../../core/setting-names.js';
import type { Tell } from './file-audit.js';

/** What is protected, in order, as the database of a hosted origin has it. */
export function protectedRefs(store: Pick<Store, 'settings'>): string[] {
  const known = store.settings.get(ORIGIN_PROTECTED);
  return known === undefined ? [MAIN] : JSON.parse(known);
}

/**
 * Protects refs, or ends that; to be called in a transaction.
 *
 * @throws {SyncError} `REF_NAME_INVALID`
 */
export function protectRef(store: Pick<Store, 'settings'>, text: string, isProtected: boolean, tell: Tell): void {
  const pattern = parseRefPattern(text);
  const others = protectedRefs(store).filter((known) => known !== pattern);
  store.settings.set(ORIGIN_PROTECTED, JSON.stringify(isProtected ? [...others, pattern].sort() : others));
  tell(isProtected ? 'protect' : 'unprotect', 'done', { pattern });
}
