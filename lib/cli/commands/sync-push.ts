import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { AskingCommand } from '../command.js';
import { formatFetched } from '../fetch-text.js';
import { formatMerge } from '../merge-text.js';
import { type Answer, printAnswer } from '../output.js';
import { formatPush } from '../push-text.js';

export class SyncPushCommand extends AskingCommand {
  static override paths = [['sync', 'push']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'send your commits to the origin',
    details: `
      Sends main to the origin in one step: all of it or nothing. A push that would drop what others pushed is refused; pull
      first, then push again; on a terminal you are asked whether to do that at once. Repeating a push whose answer got lost
      does no harm.
    `,
    examples: [
      ['Send what you committed', 'agent sync push'],
      ['See what would be sent', 'agent sync push --dry-run'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what would be sent, and send nothing' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { push } = await import('../../repo/push.js');
    const { signal } = this.context;
    for (;;) {
      const result = await push(repo, { signal, dryRun: this.dryRun });
      const answer: Answer = { text: formatPush(result), document: result, code: result.status === 'rejected' ? 1 : 0 };
      if (result.status !== 'rejected' || this.dryRun || !this.mayAsk) return answer;
      printAnswer(this.context, false, answer);
      const { ask } = await import('../walk/ask.js');
      if ((await ask(this.context, 'Pull now, and push again?', PULL_FIRST, NOTHING_PUSHED)) === 'n')
        return { ...answer, text: '' };
      const stopped = await this.#pull(repo);
      if (stopped) return stopped;
    }
  }

  /** @returns what there is to say when that leaves conflicts */
  async #pull(repo: Repository): Promise<Answer | undefined> {
    const { pull } = await import('../../repo/pull.js');
    const { fetched, merged } = await pull(repo, { signal: this.context.signal });
    const lines = [...formatFetched(fetched.refs), ...(merged ? formatMerge(merged, 'origin/main') : [])];
    const answer: Answer = { text: lines.join('\n'), document: { fetched, merged: merged ?? null } };
    if (merged?.status !== 'conflicted') {
      printAnswer(this.context, false, answer);
      return undefined;
    }
    const walked = await this.walkAfter(repo, answer);
    if (walked.code === 1) return walked;
    printAnswer(this.context, false, walked);
    return undefined;
  }
}

const PULL_FIRST = [
  { key: 'y', name: 'yes' },
  { key: 'n', name: 'no, leave it' },
] as const;

const NOTHING_PUSHED = {
  message: 'interrupted; nothing was pushed',
  hint: "Bring in what the origin has with 'agent sync pull', then push again.",
};
