import { Command } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatOperation } from '../operation-text.js';
import { valueOption, wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class SyncOpLogCommand extends RepositoryCommand {
  static override paths = [['sync', 'op', 'log']];
  static override usage = Command.Usage({
    category: 'Operations',
    description: 'list what commands changed here, newest first',
    details: `
      Each command that changed something is one operation: its number, when, who, the command, and which refs it moved,
      what became of the merge in progress, and how many files on disk it changed.
    `,
    examples: [['The last ten', 'agent sync op log -n 10']],
  });

  limit = valueOption('-n,--max-count', 'N', 'List at most so many operations');

  protected override async run(repo: Repository): Promise<Answer> {
    const { listOperations } = await import('../../repo/operations/operation-log.js');
    const limit =
      this.limit === undefined
        ? undefined
        : wholeNumber('--max-count', this.limit, { from: 0, to: Number.MAX_SAFE_INTEGER });
    const operations = listOperations(repo, limit);
    return { text: operations.map(formatOperation).join('\n'), document: { operations } };
  }
}
