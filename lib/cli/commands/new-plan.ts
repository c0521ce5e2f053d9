import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { makeArtifact } from '../make-artifact.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class NewPlanCommand extends RepositoryCommand {
  static override paths = [['new-plan']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: 'make a Plan with a number from the origin, or with the id of a Story',
    details: `
      Pulls, has the origin issue the next number of the prefix (or claims the Story's id, which only one Plan can have),
      commits a text from the template, and pushes it. This needs an origin and a connection;
      \`--draft\` needs neither (see \`agent new-story --help\`).
    `,
    examples: [
      ['Make a Plan', "agent new-plan 'Finalize the CLI' --prefix INFRA"],
      ['Make the Plan of a Story', "agent new-plan 'How to sync on save' --story INFRA-004"],
    ],
  });

  title = Option.String({ name: 'TITLE' });
  prefix = valueOption(
    '--prefix',
    'PREFIX',
    'What stands before the number, such as INFRA; may be left out while there is only one',
  );
  story = valueOption('--story', 'STORY', 'The Story whose id the Plan takes');

  draft = Option.Boolean('--draft', false, {
    description: 'Work without a connection: the number comes with the next sync',
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { title, prefix, story } = this;
    if (prefix !== undefined && story !== undefined)
      throw new SyncError('USAGE', "a Plan takes its id from '--story' or gets a new one below '--prefix', not both");
    const wanted = {
      kind: 'plan',
      title,
      ...(prefix === undefined ? {} : { prefix }),
      ...(story === undefined ? {} : { story }),
    } as const;
    return makeArtifact(this.context, repo, wanted, { draft: this.draft, command: 'agent new-plan' });
  }
}
