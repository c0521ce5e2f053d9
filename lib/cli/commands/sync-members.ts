import { Command } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatMembership } from '../members-text.js';
import type { Answer } from '../output.js';

export class SyncMembersCommand extends RepositoryCommand {
  static override paths = [['sync', 'members']];
  static override usage = Command.Usage({
    category: 'Members',
    description: 'list who may read and write the project at the origin',
    details: `
      A reader may fetch, a writer may push as well, an owner may change the members as well. An owner also sees who is invited.
    `,
    examples: [['List the members', 'agent sync members']],
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { listMembers } = await import('../../repo/sync/members.js');
    const membership = await listMembers(repo, { signal: this.context.signal });
    return { text: formatMembership(membership), document: membership };
  }
}
