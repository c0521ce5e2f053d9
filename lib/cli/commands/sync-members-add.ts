import { Command, Option } from 'clipanion';
import type { Role } from '../../core/ports.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatMemberChange } from '../members-text.js';
import { oneOf, ROLES, valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class SyncMembersAddCommand extends RepositoryCommand {
  static override paths = [['sync', 'members', 'add']];
  static override usage = Command.Usage({
    category: 'Members',
    description: 'make somebody a member of the project, or invite them',
    details: `
      A user is named by the id that the origin knows them by (on Supabase the UUID that the dashboard shows under
      Authentication), and is a member at once. An e-mail address is invited for 14 days: whoever signs in with it becomes a
      member with \`agent sync init\`. The origin sends no mail, so tell them.

      A member who is there already keeps their role; \`agent sync members set-role\` changes it. Only an owner may do this.
    `,
    examples: [
      ['Invite somebody who is to push', 'agent sync members add ada@example.org'],
      ['Let somebody only read', 'agent sync members add 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11 --role reader'],
    ],
  });

  who = Option.String({ name: 'WHO' });
  role = valueOption('--role', 'ROLE', 'owner, writer or reader; writer when left out');

  protected override async run(repo: Repository): Promise<Answer> {
    const role: Role = oneOf('--role', this.role ?? 'writer', ROLES);
    const { setMember } = await import('../../repo/sync/members.js');
    const change = await setMember(repo, this.who, role, { only: 'new', signal: this.context.signal });
    return { text: formatMemberChange(change), document: change };
  }
}
