import type { CallOptions } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';

/** Lists what is protected at the origin: names of refs, and beginnings of names with `*` after them. */
export async function listProtectedRefs(repo: Repository, options: CallOptions = {}): Promise<readonly string[]> {
  const remote = await repo.connect();
  return remote.protectedRefs(options);
}

/**
 * Protects refs at the origin from losing commits and from being deleted, or ends that.
 *
 * @param pattern the full name of a branch, or the beginning of one with `*` after it, such as `refs/heads/release/*`
 * @throws {SyncError} `ORIGIN_REFUSED` unless the caller is an owner; `REF_NAME_INVALID`, `QUOTA_EXCEEDED`
 */
export function protectRef(
  repo: Repository,
  pattern: string,
  isProtected: boolean,
  options: CallOptions = {},
): Promise<void> {
  const set = async () => (await repo.connect()).protectRef(pattern, isProtected, options);
  const name = isProtected ? 'protect-ref' : 'unprotect-ref';
  return asSyncOperation(repo, name, set, () => ({ result: 'done', detail: { pattern } }));
}
