import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { Repository } from '../../repo/repository.js';
import type { Answer as Resolution } from '../../repo/settle-conflict.js';
import { AskingCommand } from '../command.js';
import { readUserFile } from '../input.js';
import { exactlyOne, valueOption } from '../options.js';
import { type Answer, count, plain } from '../output.js';

export class SyncResolveCommand extends AskingCommand {
  static override paths = [['sync', 'resolve']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'settle one conflict of the merge that waits',
    details: `
      On a terminal, and without an answer on the command line, you are shown one conflict after the other, or those of one
      artifact, and asked; each answer is kept at once, and in the end you can commit the merge.

      Takes your version, theirs, or a text that you made from both. The file on disk is replaced; what it held is kept in the
      store. When all conflicts are settled, \`agent sync merge --continue\` commits the merge.

      In a pull, theirs is the origin's version. In an import, ours is the store's version and theirs the one on disk.
    `,
    examples: [
      ['Settle what is open, one conflict after the other', 'agent sync resolve'],
      ['Keep your version', 'agent sync resolve INFRA-004 --ours'],
      ['Take the version of the origin', 'agent sync resolve story/INFRA-004 --theirs'],
      [
        'Edit out the markers where they are, and use that',
        'agent sync resolve INFRA-004 --file .agent/cache/stories/INFRA/INFRA-004-sync.md',
      ],
      ['Take a text from another program', 'merge-tool | agent sync resolve INFRA-004 --file -'],
    ],
  });

  artifact = Option.String({ name: 'ARTIFACT', required: false });
  ours = Option.Boolean('--ours', false, { description: 'The version of HEAD' });
  theirs = Option.Boolean('--theirs', false, { description: 'The version that is merged in' });
  file = valueOption('--file', 'FILE', "A file with the resolved text; '-' is standard input");

  protected override async run(repo: Repository): Promise<Answer> {
    if (!this.ours && !this.theirs && this.file === undefined && this.mayAsk) {
      const { answerByWalk } = await import('../walk/answer-by-walk.js');
      return answerByWalk(this.context, repo, this.artifact);
    }
    if (this.artifact === undefined) throw new SyncError('USAGE', 'name the artifact whose conflict is to be settled');
    const { resolveConflict } = await import('../../repo/resolve.js');
    const settled = resolveConflict(repo, this.artifact, await this.#resolution());
    const open = (repo.store.merge.get()?.conflicts ?? []).filter(({ resolution }) => resolution === undefined).length;
    const next = open > 0 ? `${count(open, 'conflict')} left.` : "Finish with 'agent sync merge --continue'.";
    const lines = settled.map(
      ({ path, resolution }) => `Settled ${plain(path)}${resolution === null ? ' by removing it' : ''}.`,
    );
    return { text: `${lines.join('\n')} ${next}`, document: { settled, open } };
  }

  async #resolution(): Promise<Resolution> {
    exactlyOne({ '--ours': this.ours, '--theirs': this.theirs, '--file': this.file !== undefined });
    if (this.file !== undefined) return { bytes: await readUserFile(this.context, this.file) };
    return this.ours ? 'ours' : 'theirs';
  }
}
