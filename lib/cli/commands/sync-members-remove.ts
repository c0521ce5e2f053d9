import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { type Answer, plain } from '../output.js';

export class SyncMembersRemoveCommand extends RepositoryCommand {
  static override paths = [['sync', 'members', 'remove']];
  static override usage = Command.Usage({
    category: 'Members',
    description: "take a user's role in the project away",
    details: 'What they pushed stays. Only an owner may do this.',
    examples: [['Remove a member', 'agent sync members remove 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11']],
  });

  userId = Option.String({ name: 'USER_ID' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { setMember } = await import('../../repo/sync/members.js');
    await setMember(repo, this.userId, null, { signal: this.context.signal });
    return { text: `${plain(this.userId)} is no member any more.`, document: { userId: this.userId, role: null } };
  }
}
