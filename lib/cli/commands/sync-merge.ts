import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { Repository } from '../../repo/repository.js';
import { AskingCommand } from '../command.js';
import { shorten } from '../commit-text.js';
import { mergeOptionsOf } from '../merge-options.js';
import { formatMerge, formatOutcome } from '../merge-text.js';
import { exactlyOne, valueOption } from '../options.js';
import { type Answer, count, plain } from '../output.js';

export class SyncMergeCommand extends AskingCommand {
  static override paths = [['sync', 'merge']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'merge a revision, or finish or drop the merge that waits',
    details: `
      Merges a revision into your commits and files, as \`agent sync pull\` does with origin/main, and asks nobody.
      \`--preview\` tells the whole outcome and writes nothing.

      A merge that stopped for conflicts waits: \`--continue\` commits it once every conflict is settled. \`--abort\` restores
      exactly what the files were before it; resolutions made so far stay in the store, but no commit has them.
    `,
    examples: [
      ['Merge what was fetched', 'agent sync merge origin/main'],
      ['See what that would do', 'agent sync merge --preview origin/main'],
      ['Commit the merge', 'agent sync merge --continue'],
      ['Go back to before it', 'agent sync merge --abort'],
    ],
  });

  revision = Option.String({ name: 'REV', required: false });
  preview = Option.Boolean('--preview', false, { description: 'Say what merging REV would do, and write nothing' });
  strategyOption = valueOption(
    '-X,--strategy-option',
    'SIDE',
    'Whose lines win where both changed them: ours or theirs',
  );
  ffOnly = Option.Boolean('--ff-only', false, { description: 'Refuse unless moving forward will do' });
  noFf = Option.Boolean('--no-ff', false, { description: 'Commit a merge even where moving forward would do' });
  allowUnrelated = Option.Boolean('--allow-unrelated-histories', false, {
    description: 'Merge even when the two have no commit in common',
  });
  finish = Option.Boolean('--continue', false, { description: 'Commit the merge' });
  abort = Option.Boolean('--abort', false, { description: 'Restore what was there before the merge' });

  protected override async run(repo: Repository): Promise<Answer> {
    exactlyOne({ REV: this.revision !== undefined, '--continue': this.finish, '--abort': this.abort });
    if (this.revision !== undefined) return this.#merge(repo, this.revision);
    this.#refuseOptions();
    const { abortMerge, continueMerge } = await import('../../repo/merge/settle-merge.js');
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

  async #merge(repo: Repository, revision: string): Promise<Answer> {
    const options = { ...mergeOptionsOf(this), label: revision };
    const { resolveRevision } = await import('../../repo/history/revision.js');
    const theirs = resolveRevision(repo.store, revision);
    if (this.preview) {
      const { planMerge } = await import('../../repo/merge/plan-merge.js');
      const outcome = await planMerge(repo, theirs, options);
      const refused = outcome.status === 'conflicted' || outcome.blocked.length > 0;
      return { text: formatOutcome(outcome, revision).join('\n'), document: outcome, code: refused ? 1 : 0 };
    }
    const { mergeCommit } = await import('../../repo/merge/merge.js');
    const merged = await mergeCommit(repo, theirs, options);
    const answer: Answer = { text: formatMerge(merged, revision).join('\n'), document: merged };
    return merged.status === 'conflicted' ? this.walkAfter(repo, { ...answer, code: 1 }) : answer;
  }

  #refuseOptions(): void {
    const { preview, strategyOption, ffOnly, noFf, allowUnrelated } = this;
    if (!preview && strategyOption === undefined && !ffOnly && !noFf && !allowUnrelated) return;
    throw new SyncError('USAGE', "'--continue' and '--abort' take no other option: the merge was begun already");
  }
}
