import { Command } from 'clipanion';
import { SyncMembersCommand } from './sync-members.js';

/** The same by the name that the commands beside it suggest. */
export class SyncMembersListCommand extends SyncMembersCommand {
  static override paths = [['sync', 'members', 'list']];
  static override usage = Command.Usage({
    ...SyncMembersCommand.usage,
    examples: [['List the members', 'agent sync members list']],
  });
}
