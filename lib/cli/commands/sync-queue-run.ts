import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';
import { answerQueueRun } from '../queue-text.js';

export class SyncQueueRunCommand extends RepositoryCommand {
  static override paths = [['sync', 'queue', 'run']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'do what waits for the origin',
    details: `
      Runs what is due, in order, and what needed you, again. Without a connection the run ends, and waits longer each time
      before it tries the same again. Ends with exit code 1 when something in the queue could not be done. A queued pull that
      finds conflicts stops as a pull does.
    `,
    examples: [
      ['Run what is due', 'agent sync queue run'],
      ['Run everything now, also what was refused', 'agent sync queue run --force'],
    ],
  });

  force = Option.Boolean('--force', false, { description: 'Wait for nothing, and try again what was refused' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { runQueue } = await import('../../repo/queue/run-queue.js');
    const occasion = this.force ? 'forced' : 'run';
    return answerQueueRun(await runQueue(repo, { occasion, signal: this.context.signal }));
  }
}
