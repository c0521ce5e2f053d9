import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { RebaseResult } from '../../repo/rebase/rebase.js';
import type { Repository } from '../../repo/repository.js';
import { AskingCommand } from '../command.js';
import { favorOf } from '../merge-options.js';
import { exactlyOne, valueOption } from '../options.js';
import { type Answer, count, plain } from '../output.js';
import { formatRebase } from '../rebase-text.js';

export class SyncRebaseCommand extends AskingCommand {
  static override paths = [['sync', 'rebase']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'replay your commits on top of a revision, or go on with a rebase that waits',
    details: `
      Makes each commit that REV lacks again on top of REV, with its author, time and message: history stays a line.
      \`agent sync pull --rebase\` does so with what it fetched. Merges are left out, and so are commits whose changes are
      there already. HEAD moves when all is done.

      A commit that conflicts stops the rebase; ours is REV's side then, and theirs the commit's, as in git. \`--continue\`
      goes on once every conflict is settled, \`--skip\` leaves the commit out, \`--abort\` restores exactly what was there.
    `,
    examples: [
      ['Replay your commits on what was fetched', 'agent sync rebase origin/main'],
      ['Go on after settling', 'agent sync rebase --continue'],
      ['Go back to before it', 'agent sync rebase --abort'],
    ],
  });

  revision = Option.String({ name: 'REV', required: false });
  strategyOption = valueOption('-X,--strategy-option', 'SIDE', "Whose lines win: ours are REV's, theirs the commits'");
  allowUnrelated = Option.Boolean('--allow-unrelated-histories', false, {
    description: 'Rebase even when the two have no commit in common',
  });
  finish = Option.Boolean('--continue', false, { description: 'Commit what is settled, and go on' });
  skip = Option.Boolean('--skip', false, { description: 'Leave the commit out, and go on' });
  abort = Option.Boolean('--abort', false, { description: 'Restore what was there before the rebase' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { finish, skip, abort, revision } = this;
    exactlyOne({ REV: revision !== undefined, '--continue': finish, '--skip': skip, '--abort': abort });
    if (revision !== undefined) return this.#answer(repo, await this.#rebase(repo, revision));
    if (this.strategyOption !== undefined || this.allowUnrelated) {
      throw new SyncError('USAGE', 'the rebase was begun already, and takes no other option now');
    }
    const { abortRebase, continueRebase, skipCommit } = await import('../../repo/rebase/settle-rebase.js');
    if (finish) return this.#answer(repo, await continueRebase(repo));
    if (skip) return this.#answer(repo, await skipCommit(repo));
    const restored = abortRebase(repo);
    const lines = restored.map((path) => `  ${plain(path)}`);
    return {
      text: [`Dropped the rebase and restored ${count(restored.length, 'file')}.`, ...lines].join('\n'),
      document: { restored },
    };
  }

  async #rebase(repo: Repository, revision: string): Promise<RebaseResult> {
    const options = { label: revision, allowUnrelated: this.allowUnrelated, ...favorOf(this.strategyOption) };
    const { resolveRevision } = await import('../../repo/history/revision.js');
    const { rebase } = await import('../../repo/rebase/rebase.js');
    return rebase(repo, resolveRevision(repo.store, revision), options);
  }

  #answer(repo: Repository, result: RebaseResult): Promise<Answer> | Answer {
    const answer = { text: formatRebase(result).join('\n'), document: result };
    return result.status === 'conflicted' ? this.walkAfter(repo, { ...answer, code: 1 }) : answer;
  }
}
