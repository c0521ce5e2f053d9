import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatRestore } from '../operation-text.js';
import type { Answer } from '../output.js';
import { operationNumber } from './sync-undo.js';

export class SyncOpRestoreCommand extends RepositoryCommand {
  static override paths = [['sync', 'op', 'restore']];
  static override usage = Command.Usage({
    category: 'Operations',
    description: 'go back to what was just after an operation',
    details: `
      Refs, the merge in progress and the files on disk become what they were just after OP. That is one operation, and can
      be undone. What was pushed since stays at the origin.
    `,
    examples: [['Go back to what was after operation 12', 'agent sync op restore 12']],
  });

  operation = Option.String({ name: 'OP' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { restoreOperation } = await import('../../repo/operations/undo.js');
    const result = await restoreOperation(repo, operationNumber(this.operation));
    return { text: formatRestore(result).join('\n'), document: result };
  }
}
