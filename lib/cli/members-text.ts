import type { MemberChange } from '../core/ports.js';
import type { Membership } from '../repo/sync/members.js';
import { plain } from './output.js';

/** Members, then invitations, one a line. */
export function formatMembership({ members, invitations }: Membership): string {
  return [
    ...members.map(({ userId, role }) => `${role.padEnd(6)}  ${plain(userId)}`),
    ...invitations.map(
      ({ email, role, expiresAt }) => `${role.padEnd(6)}  ${plain(email)} (invited until ${expiresAt.slice(0, 10)})`,
    ),
  ].join('\n');
}

/** What became of somebody's role, as a sentence. */
export function formatMemberChange(change: MemberChange): string {
  if (change.status === 'member') {
    const who = plain(change.userId);
    return change.role === null ? `${who} is no member any more.` : `${who} is ${change.role} now.`;
  }
  const who = plain(change.email);
  if (change.role === null) return `${who} is no longer invited.`;
  return [
    `${who} is invited as ${change.role} until ${change.expiresAt?.slice(0, 10)}.`,
    "Tell them: the origin sends no mail. They become a member with 'agent sync init', signed in with that address.",
  ].join('\n');
}
