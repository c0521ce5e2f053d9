import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { shorten } from '../commit-text.js';
import { exactlyOne } from '../options.js';
import { type Answer, count, plain } from '../output.js';

export class SyncMergeCommand extends RepositoryCommand {
  static override paths = [['sync', 'merge']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'finish the merge that waits, or go back to before it',
    details: `
      \`--continue\` commits the merge once every conflict is settled. \`--abort\` restores exactly what the files were before
      it; resolutions made so far stay in the store, but no commit has them.
    `,
    examples: [
      ['Commit the merge', 'agent sync merge --continue'],
      ['Go back to before it', 'agent sync merge --abort'],
    ],
  });

  finish = Option.Boolean('--continue', false, { description: 'Commit the merge' });
  abort = Option.Boolean('--abort', false, { description: 'Restore what was there before the merge' });

  protected override async run(repo: Repository): Promise<Answer> {
    exactlyOne({ '--continue': this.finish, '--abort': this.abort });
    const { abortMerge, continueMerge } = await import('../../repo/settle-merge.js');
    if (this.finish) {
      const finished = await continueMerge(repo);
      return { text: `Committed the merge as ${shorten(finished.commit)}.`, document: finished };
    }
    const restored = abortMerge(repo);
    const lines = restored.map((path) => `  ${plain(path)}`);
    return {
      text: [`Dropped the merge and restored ${count(restored.length, 'file')}.`, ...lines].join('\n'),
      document: { restored },
    };
  }
}
