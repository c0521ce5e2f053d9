import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatMemberChange } from '../members-text.js';
import { oneOf, ROLES } from '../options.js';
import type { Answer } from '../output.js';

export class SyncMembersSetRoleCommand extends RepositoryCommand {
  static override paths = [['sync', 'members', 'set-role']];
  static override usage = Command.Usage({
    category: 'Members',
    description: 'change the role of a member, or of somebody who is invited',
    details: `
      WHO is the id of a user or an e-mail address, ROLE is owner, writer or reader. An invitation is good for another 14 days.
      Only an owner may do this, and the last owner stays one.
    `,
    examples: [
      ['Let a member only read from now on', 'agent sync members set-role ada@example.org reader'],
      ['Name another owner', 'agent sync members set-role 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11 owner'],
    ],
  });

  who = Option.String({ name: 'WHO' });
  role = Option.String({ name: 'ROLE' });

  protected override async run(repo: Repository): Promise<Answer> {
    const role = oneOf('ROLE', this.role, ROLES);
    const { setMember } = await import('../../repo/sync/members.js');
    const change = await setMember(repo, this.who, role, { only: 'known', signal: this.context.signal });
    return { text: formatMemberChange(change), document: change };
  }
}
