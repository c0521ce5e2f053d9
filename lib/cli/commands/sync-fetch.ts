import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import type { FetchResult } from '../../repo/sync/fetch.js';
import { RepositoryCommand } from '../command.js';
import { formatErased } from '../erasure-text.js';
import { formatFetched } from '../fetch-text.js';
import { type Answer, count } from '../output.js';
import { catchUpNotes } from '../queue-text.js';

export class SyncFetchCommand extends RepositoryCommand {
  static override paths = [['sync', 'fetch']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'get what the origin has, without merging it',
    details: `
      Gets the commits and artifacts that the origin has and the store does not, verifies each, and moves origin/main. Your
      branch and your files stay as they are. A fetch that broke off goes on where it stopped.
    `,
    examples: [
      ['Look at what the others did', 'agent sync fetch && agent sync diff HEAD origin/main'],
      ['Only ask whether there is something', 'agent sync fetch --dry-run'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what would be fetched, and fetch nothing' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { fetch } = await import('../../repo/sync/fetch.js');
    const notes = this.dryRun ? [] : await catchUpNotes(repo, this.context.signal);
    const result = await fetch(repo, { signal: this.context.signal, dryRun: this.dryRun });
    return { text: format(result), document: result, notes };
  }
}

function format({ refs, received, dryRun, erased }: FetchResult): string {
  if (refs.length === 0) return [...formatErased(erased), 'Nothing new at the origin.'].join('\n');
  const summary = dryRun ? 'Would fetch:' : `Fetched ${count(received, 'object')}:`;
  return [summary, ...formatFetched({ refs, ...(erased ? { erased } : {}) })].join('\n');
}
