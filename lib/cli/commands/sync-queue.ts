import { Command } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';
import { formatQueue } from '../queue-text.js';

export class SyncQueueCommand extends RepositoryCommand {
  static override paths = [['sync', 'queue']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'list what waits for the origin',
    details: `
      What was asked for without a connection waits in the queue, and runs in order: with the next push, pull, fetch or new
      artifact that reaches the origin, by \`agent sync watch\`, or by \`agent sync queue run\`. Some of it may need you: a
      conflict, an expired login. That stands in the way of nothing else.
    `,
    examples: [
      ['See what waits', 'agent sync queue'],
      ['Run it now', 'agent sync queue run --force'],
    ],
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { listQueue } = await import('../../repo/queue/queue.js');
    const queue = listQueue(repo);
    return { text: formatQueue(queue, repo.clock.now().seconds), document: { queue } };
  }
}
