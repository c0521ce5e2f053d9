import { SyncError } from '../../core/errors.js';
import type { CallOptions, Invitation, Member, MemberChange, MemberOptions, Remote, Role } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';

/** Who may read or write the project at the origin, and who is invited to. */
export interface Membership {
  readonly members: readonly Member[];
  /** Empty for a caller who is no owner. */
  readonly invitations: readonly Invitation[];
}

/** Lists who may read or write the project at the origin, and whom its owners have invited. */
export async function listMembers(repo: Repository, options: CallOptions = {}): Promise<Membership> {
  const remote = await repo.connect();
  return { members: await remote.members(options), invitations: await remote.invitations(options) };
}

/**
 * Gives somebody a role in the project, or takes it away. Who is named by an e-mail address and is no member is invited, and
 * becomes one with `agent sync init`.
 *
 * @param who the id of a user of the origin, or an e-mail address
 * @param role null to remove the member, or to withdraw the invitation
 * @throws {SyncError} `ORIGIN_REFUSED` unless the caller is an owner; `MEMBER_EXISTS` and `MEMBER_UNKNOWN` as `only` says
 */
export function setMember(
  repo: Repository,
  who: string,
  role: Role | null,
  options: MemberOptions = {},
): Promise<MemberChange> {
  const set = async () => (await repo.connect()).setMember(who, role, options);
  // Whose role it is, the origin's audit tells by a pseudonym.
  return asSyncOperation(repo, 'set-member', set, ({ status }) => ({ result: 'done', detail: { status, role } }));
}

/** A user's role in the project; null for who has none, and so may not ask. */
export async function roleOf(remote: Remote, userId: string, options: CallOptions = {}): Promise<Role | null> {
  try {
    const members = await remote.members(options);
    return members.find((member) => member.userId === userId)?.role ?? null;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'ORIGIN_REFUSED') return null;
    throw error;
  }
}
