import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatMemberChange } from '../members-text.js';
import type { Answer } from '../output.js';

export class SyncMembersRemoveCommand extends RepositoryCommand {
  static override paths = [['sync', 'members', 'remove']];
  static override usage = Command.Usage({
    category: 'Members',
    description: "take a user's role in the project away, or withdraw an invitation",
    details: 'WHO is the id of a user or an e-mail address. What they pushed stays. Only an owner may do this.',
    examples: [
      ['Remove a member', 'agent sync members remove 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11'],
      ['Withdraw an invitation', 'agent sync members remove ada@example.org'],
    ],
  });

  who = Option.String({ name: 'WHO' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { setMember } = await import('../../repo/sync/members.js');
    const change = await setMember(repo, this.who, null, { signal: this.context.signal });
    return { text: formatMemberChange(change), document: change };
  }
}
