import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';
import { formatPush } from '../push-text.js';

export class SyncPushCommand extends RepositoryCommand {
  static override paths = [['sync', 'push']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'send your commits to the origin',
    details: `
      Sends main to the origin in one step: all of it or nothing. A push that would drop what others pushed is refused; pull
      first, then push again. Repeating a push whose answer got lost does no harm.
    `,
    examples: [
      ['Send what you committed', 'agent sync push'],
      ['See what would be sent', 'agent sync push --dry-run'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what would be sent, and send nothing' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { push } = await import('../../repo/push.js');
    const result = await push(repo, { signal: this.context.signal, dryRun: this.dryRun });
    return { text: formatPush(result), document: result, code: result.status === 'rejected' ? 1 : 0 };
  }
}
