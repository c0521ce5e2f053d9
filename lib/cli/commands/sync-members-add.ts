import { Command, Option } from 'clipanion';
import type { Role } from '../../core/ports.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { oneOf, ROLES, valueOption } from '../options.js';
import { type Answer, plain } from '../output.js';

export class SyncMembersAddCommand extends RepositoryCommand {
  static override paths = [['sync', 'members', 'add']];
  static override usage = Command.Usage({
    category: 'Members',
    description: 'give a user of the origin a role in the project',
    details: `
      The user is named by the id that the origin knows them by: on Supabase the UUID that the dashboard shows under
      Authentication. A member who is there already gets the new role. Only an owner may do this.
    `,
    examples: [
      ['Let somebody push', 'agent sync members add 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11'],
      ['Let somebody only read', 'agent sync members add 7d7e2c1a-5f63-4f0e-9b6b-2f0c1d8e4a11 --role reader'],
    ],
  });

  userId = Option.String({ name: 'USER_ID' });
  role = valueOption('--role', 'ROLE', 'owner, writer or reader; writer when left out');

  protected override async run(repo: Repository): Promise<Answer> {
    const role: Role = oneOf('--role', this.role ?? 'writer', ROLES);
    const { setMember } = await import('../../repo/sync/members.js');
    await setMember(repo, this.userId, role, { signal: this.context.signal });
    return { text: `${plain(this.userId)} is ${role} now.`, document: { userId: this.userId, role } };
  }
}
