import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { PullIntent } from '../../core/ports.js';
import type { Repository } from '../../repo/repository.js';
import type { PullOptions } from '../../repo/sync/pull.js';
import { AskingCommand } from '../command.js';
import { formatDrafts } from '../draft-text.js';
import { formatFetched } from '../fetch-text.js';
import { mergeOptionsOf } from '../merge-options.js';
import { formatMerge, formatOutcome } from '../merge-text.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';
import { answerQueued, catchUpNotes } from '../queue-text.js';
import { formatRebase, formatRebaseOutcome } from '../rebase-text.js';

export class SyncPullCommand extends AskingCommand {
  static override paths = [['sync', 'pull']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'fetch, and merge what the origin has into your commits and files',
    details: `
      Moves forward when only the others changed something, and merges when both did. The files on disk follow. Work that is
      on disk and not imported is never overwritten: the pull is refused before anything changes.

      When the same lines changed on both sides, the pull ends with exit code 1: the conflicts get markers in their files,
      all else is merged, and the merge waits for \`agent sync resolve\` and \`agent sync merge --continue\`. On a terminal
      you are asked about each of them at once; Ctrl-C leaves the merge waiting.

      A dry run tells the whole outcome and writes nothing: what the origin sends is held in memory.

      \`--strategy-option ours\` takes your lines where both sides changed the same ones, \`theirs\` the origin's; all else is
      merged as ever. \`sync.conflict\` in sync.yaml makes one of them the rule.
    `,
    examples: [
      ['Get the work of the others', 'agent sync pull'],
      ['Without a connection', 'agent sync pull --queue'],
      ['See what it would do', 'agent sync pull --dry-run'],
      ['Let the origin win where both changed a line', 'agent sync pull --strategy-option theirs'],
      ['Join two stores that each began with an import', 'agent sync pull --allow-unrelated-histories'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what the pull would do, and write nothing' });
  strategyOption = valueOption(
    '-X,--strategy-option',
    'SIDE',
    'Whose lines win where both changed them: ours or theirs',
  );
  ffOnly = Option.Boolean('--ff-only', false, { description: 'Refuse unless moving forward will do' });
  noFf = Option.Boolean('--no-ff', false, { description: 'Commit a merge even where moving forward would do' });
  rebase = Option.Boolean('--rebase', false, { description: 'Replay your commits on top of what the origin has' });
  allowUnrelated = Option.Boolean('--allow-unrelated-histories', false, {
    description: 'Merge even when the two have no commit in common',
  });

  queue = Option.Boolean('--queue', false, { description: 'Without a connection, leave it to the queue' });

  protected override async run(repo: Repository): Promise<Answer> {
    if (this.dryRun) {
      if (this.queue) throw new SyncError('USAGE', "'--queue' does not go with '--dry-run'");
      return this.#pull(repo);
    }
    const notes = await catchUpNotes(repo, this.context.signal);
    const { orQueue } = await import('../../repo/queue/queue.js');
    const asked = { intent: this.#intent(), command: 'agent sync pull', queues: this.queue };
    const result = await orQueue(repo, asked, () => this.#pull(repo));
    const answer = 'status' in result ? answerQueued(result) : result;
    return { ...answer, notes: [...notes, ...(answer.notes ?? [])] };
  }

  #intent(): PullIntent {
    const { favor, allowUnrelated, fastForward } = mergeOptionsOf(this);
    return {
      do: 'pull',
      ...(this.rebase ? { rebase: true } : {}),
      ...(favor ? { favor } : {}),
      ...(fastForward && fastForward !== 'allow' ? { fastForward } : {}),
      ...(allowUnrelated ? { allowUnrelated } : {}),
    };
  }

  async #pull(repo: Repository): Promise<Answer> {
    const options = { ...mergeOptionsOf(this), signal: this.context.signal };
    if (this.rebase) return this.#rebase(repo, options);
    const { planPull, pull } = await import('../../repo/sync/pull.js');
    if (this.dryRun) {
      const { fetched, merge } = await planPull(repo, options);
      return {
        text: [...formatFetched(fetched), ...(merge ? formatOutcome(merge, ORIGIN) : NO_COMMITS)].join('\n'),
        document: { fetched, merge: merge ?? null },
        code: merge?.status === 'conflicted' || merge?.blocked.length ? 1 : 0,
      };
    }
    const { fetched, merged, drafts } = await pull(repo, options);
    const lines = [...formatFetched(fetched), ...(merged ? formatMerge(merged, ORIGIN) : NO_COMMITS)];
    const answer: Answer = {
      text: [...lines, ...formatDrafts(drafts)].join('\n'),
      document: { fetched, merged: merged ?? null, drafts },
    };
    return merged?.status === 'conflicted' ? this.walkAfter(repo, { ...answer, code: 1 }) : answer;
  }

  async #rebase(repo: Repository, { fastForward, ...options }: PullOptions): Promise<Answer> {
    if (fastForward !== 'allow') throw new SyncError('USAGE', "'--rebase' goes with neither '--ff-only' nor '--no-ff'");
    const { planPullRebase, pullRebase } = await import('../../repo/sync/pull.js');
    if (this.dryRun) {
      const { fetched, rebase } = await planPullRebase(repo, options);
      return {
        text: [...formatFetched(fetched), ...(rebase ? formatRebaseOutcome(rebase) : NO_COMMITS)].join('\n'),
        document: { fetched, rebase: rebase ?? null },
        code: rebase?.status === 'conflicted' || rebase?.blocked.length ? 1 : 0,
      };
    }
    const { fetched, rebased, drafts } = await pullRebase(repo, options);
    const lines = [...formatFetched(fetched), ...(rebased ? formatRebase(rebased) : NO_COMMITS)];
    const answer: Answer = {
      text: [...lines, ...formatDrafts(drafts)].join('\n'),
      document: { fetched, rebased: rebased ?? null, drafts },
    };
    return rebased?.status === 'conflicted' ? this.walkAfter(repo, { ...answer, code: 1 }) : answer;
  }
}

const ORIGIN = 'origin/main';
const NO_COMMITS = ['The origin has no commits yet.'];
