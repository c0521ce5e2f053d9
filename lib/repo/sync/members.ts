import type { CallOptions, Member, Role } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';

/** Lists who may read or write the project at the origin. */
export async function listMembers(repo: Repository, options: CallOptions = {}): Promise<readonly Member[]> {
  const remote = await repo.connect();
  return remote.members(options);
}

/**
 * Gives a user of the origin a role in the project, or takes it away.
 *
 * @param role null to remove the member
 * @throws {SyncError} `ORIGIN_REFUSED` unless the caller is an owner
 */
export function setMember(
  repo: Repository,
  userId: string,
  role: Role | null,
  options: CallOptions = {},
): Promise<void> {
  const set = async () => {
    const remote = await repo.connect();
    await remote.setMember(userId, role, options);
  };
  // Whose role it is, the origin's audit tells by a pseudonym.
  return asSyncOperation(repo, 'set-member', set, () => ({ result: 'done', detail: { role } }));
}
