import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class SyncQueueDropCommand extends RepositoryCommand {
  static override paths = [['sync', 'queue', 'drop']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'take something off the queue',
    details: `
      Nothing else changes: commits stay, and can be pushed as ever; drafts stay, and get their numbers with the next push.
    `,
    examples: [['Take the third off', 'agent sync queue drop 3']],
  });

  id = Option.String({ name: 'ID' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { dropIntent } = await import('../../repo/queue/queue.js');
    const id = wholeNumber('ID', this.id, { from: 1, to: Number.MAX_SAFE_INTEGER });
    dropIntent(repo, id);
    return { text: `Took ${id} off the queue.`, document: { id } };
  }
}
