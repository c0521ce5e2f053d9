import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { PushIntent } from '../../core/ports.js';
import type { Repository } from '../../repo/repository.js';
import type { PushWithPullResult } from '../../repo/sync/push-with-pull.js';
import { AskingCommand } from '../command.js';
import { formatFetched } from '../fetch-text.js';
import { formatMerge } from '../merge-text.js';
import { type Answer, printAnswer } from '../output.js';
import { answerPush } from '../push-text.js';
import { answerQueued, catchUpNotes } from '../queue-text.js';

export class SyncPushCommand extends AskingCommand {
  static override paths = [['sync', 'push']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'send your commits to the origin',
    details: `
      Sends main to the origin in one step: all of it or nothing. A push that would drop what others pushed is refused; pull
      first, then push again; on a terminal you are asked whether to do that at once. Repeating a push whose answer got lost
      does no harm. Drafts get their numbers before.

      \`--pull\` pulls and pushes again by itself when others were first. It stops for conflicts as a pull does.
    `,
    examples: [
      ['Send what you committed', 'agent sync push'],
      ['Whatever the others do meanwhile', 'agent sync push --pull'],
      ['Without a connection', 'agent sync push --queue'],
      ['See what would be sent', 'agent sync push --dry-run'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what would be sent, and send nothing' });

  pull = Option.Boolean('--pull', false, { description: 'When others were first, pull, and push again' });
  queue = Option.Boolean('--queue', false, { description: 'Without a connection, leave it to the queue' });

  protected override async run(repo: Repository): Promise<Answer> {
    if (this.dryRun) return this.#preview(repo);
    const notes = await catchUpNotes(repo, this.context.signal);
    const answer = await this.#push(repo);
    return { ...answer, notes: [...notes, ...(answer.notes ?? [])] };
  }

  async #preview(repo: Repository): Promise<Answer> {
    if (this.pull || this.queue) throw new SyncError('USAGE', "'--dry-run' goes with neither '--pull' nor '--queue'");
    const { push } = await import('../../repo/sync/push.js');
    return answerPush(await push(repo, { signal: this.context.signal, dryRun: true }));
  }

  async #push(repo: Repository): Promise<Answer> {
    const [{ push }, { pushWithPull }, { orQueue }] = await Promise.all([
      import('../../repo/sync/push.js'),
      import('../../repo/sync/push-with-pull.js'),
      import('../../repo/queue/queue.js'),
    ]);
    const { signal } = this.context;
    const intent: PushIntent = this.pull ? { do: 'push', pull: true } : { do: 'push' };
    const asked = {
      intent,
      command: 'agent sync push',
      queues: this.queue,
    };
    for (;;) {
      const result = await orQueue<PushWithPullResult>(repo, asked, () =>
        this.pull ? pushWithPull(repo, { signal }) : push(repo, { signal }),
      );
      if (result.status === 'queued') return answerQueued(result);
      const answer = answerPush(result);
      if (result.status === 'conflicted') return this.walkAfter(repo, answer);
      if (result.status !== 'rejected' || !this.mayAsk) return answer;
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
    const { pull } = await import('../../repo/sync/pull.js');
    const { fetched, merged } = await pull(repo, { signal: this.context.signal });
    const lines = [...formatFetched(fetched), ...(merged ? formatMerge(merged, 'origin/main') : [])];
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
