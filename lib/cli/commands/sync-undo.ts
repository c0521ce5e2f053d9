import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatUndo } from '../operation-text.js';
import { wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class SyncUndoCommand extends RepositoryCommand {
  static override paths = [['sync', 'undo']];
  static override usage = Command.Usage({
    category: 'Operations',
    description: 'undo what a command did here',
    details: `
      Without OP it undoes the newest operation that is not undone, and when repeated goes further back. Refs, the merge in
      progress and the files on disk are then exactly what they were. Undoing an undo does it again.

      What was pushed is not unpushed: a new commit takes back what the operation changed, and is yours to push. So it is
      when later commits build on it. What came from others stays.

      Files with bytes that the store does not have are never overwritten; import them first.
    `,
    examples: [
      ['Undo the last command', 'agent sync undo'],
      ['Undo an earlier one', 'agent sync undo 12'],
    ],
  });

  operation = Option.String({ name: 'OP', required: false });

  protected override async run(repo: Repository): Promise<Answer> {
    const { undo } = await import('../../repo/operations/undo.js');
    const { resumed } = repo;
    if (resumed && this.operation === undefined) {
      const operation = repo.store.operations.get(resumed.undoes ?? resumed.id)!;
      const document = { status: 'undone', operation, by: resumed.id };
      return {
        text: `Finished operation ${resumed.id}, which was interrupted: the files on disk have followed.`,
        document,
      };
    }
    const result = await undo(repo, this.operation === undefined ? undefined : operationNumber(this.operation));
    const isDone = result.status === 'undone' || result.status === 'reverted';
    return { text: formatUndo(result).join('\n'), document: result, code: isDone ? 0 : 1 };
  }
}

/** @throws {SyncError} `USAGE` */
export function operationNumber(text: string): number {
  return wholeNumber('OP', text, { from: 1, to: Number.MAX_SAFE_INTEGER });
}
