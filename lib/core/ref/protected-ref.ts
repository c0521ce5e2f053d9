import { SyncError } from '../errors.js';
import type { RefName } from '../ports.js';
import { isRefName } from './ref-name.js';

/**
 * Tells whether one of the patterns is the ref's name, or its beginning with `*` after it.
 *
 * @param patterns as `parseRefPattern` took them
 */
export function isProtectedRef(patterns: readonly string[], name: RefName): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

/**
 * Checks that `text` is the name of a branch, or the beginning of one with `*` after it.
 *
 * @throws {SyncError} `REF_NAME_INVALID`
 */
export function parseRefPattern(text: string): string {
  const example = text.replace(/\*$/, 'x');
  if (example.startsWith('refs/heads/') && isRefName(example)) return text;
  throw new SyncError(
    'REF_NAME_INVALID',
    `'${text.slice(0, 200)}' is neither the name of a branch nor the beginning of one with * after it`,
  );
}
