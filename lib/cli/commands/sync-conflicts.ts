import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatConflictList } from '../conflict-text.js';
import { type Answer, painter } from '../output.js';

export class SyncConflictsCommand extends RepositoryCommand {
  static override paths = [['sync', 'conflicts']];
  static override usage = Command.Usage({
    category: 'Merge',
    description: 'list the conflicts of the merge that waits',
    details: `
      Tells of each conflict what the two sides did, how many hunks it has (stretches of lines that both changed), and how it
      was settled, if it was. Of the artifacts that are named it shows the hunks as well, with the lines of both sides.

      \`--edit\` opens the open ones, one after the other: in the tool that \`git mergetool\` would run (merge.tool in git's
      configuration), or else in your editor (VISUAL, then EDITOR). What has no markers of the merge left is settled with what
      you made of it; the others stay open, with your text on disk.

      Exit code 1 means that some are open. With \`--json\` there is all that a program needs to answer them: the lines of base and
      both sides, and a token that \`agent sync resolve --input\` takes back.
    `,
    examples: [
      ['See what is to be settled', 'agent sync conflicts'],
      ['See the hunks of one artifact', 'agent sync conflicts story/INFRA-004'],
      ['Edit the conflicted files', 'agent sync conflicts --edit'],
      ['Have a program settle them', 'agent sync conflicts --json | my-agent | agent sync resolve --input -'],
    ],
  });
  static readonly operands = '[ARTIFACT...]';

  edit = Option.Boolean('--edit', false, { description: 'Open them in the merge tool of git, or in your editor' });
  artifacts = Option.Rest({ name: 'ARTIFACT' });

  protected override async run(repo: Repository): Promise<Answer> {
    if (this.edit) {
      const { editConflicts } = await import('../edit-conflicts.js');
      return editConflicts(this.context, repo, this.artifacts);
    }
    const { listConflicts } = await import('../../repo/conflicts/conflicts.js');
    const { isRerereOn } = await import('../../repo/conflicts/rerere.js');
    const list = listConflicts(repo.store, this.artifacts, { rerere: await isRerereOn(repo) });
    return {
      text: formatConflictList(list, this.artifacts.length > 0, painter(this.context)).join('\n'),
      document: list,
      code: list.open > 0 ? 1 : 0,
    };
  }
}
