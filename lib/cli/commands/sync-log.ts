import { Command, Option } from 'clipanion';
import type { LogOptions } from '../../repo/history/log.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatCommit, formatOneline } from '../commit-text.js';
import { valueOption, wholeNumber } from '../options.js';
import type { Answer } from '../output.js';

export class SyncLogCommand extends RepositoryCommand {
  static override paths = [['sync', 'log']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'show history, of everything or of one artifact',
    details: `
      Newest first, in the order of the commit graph. An artifact is named by id (INFRA-004), by kind and id
      (story/INFRA-004) or by path; its history goes on across renamed files.
    `,
    examples: [
      ['The last five commits', 'agent sync log --oneline -n 5'],
      ['The history of one Story', 'agent sync log story/INFRA-004'],
      ['What the others did', 'agent sync log --from origin/main'],
    ],
  });

  artifact = Option.String({ name: 'ARTIFACT', required: false });
  limit = valueOption('-n,--max-count', 'N', 'Show at most so many commits');
  from = valueOption('--from', 'REV', 'The revision to start from; HEAD when left out');
  oneline = Option.Boolean('--oneline', false, { description: 'One line for each commit' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { log } = await import('../../repo/history/log.js');
    const commits = log(repo, this.#options());
    const text = this.oneline
      ? commits.map(formatOneline).join('\n')
      : commits.map((commit) => `${formatCommit(commit)}\n`).join('\n');
    return { text, document: { commits } };
  }

  #options(): LogOptions {
    return {
      ...(this.json ? {} : { without: 'paths' }),
      ...(this.artifact === undefined ? {} : { artifact: this.artifact }),
      ...(this.from === undefined ? {} : { revision: this.from }),
      ...(this.limit === undefined
        ? {}
        : { limit: wholeNumber('--max-count', this.limit, { from: 0, to: Number.MAX_SAFE_INTEGER }) }),
    };
  }
}
