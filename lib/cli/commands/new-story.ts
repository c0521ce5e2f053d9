import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { makeArtifact } from '../make-artifact.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class NewStoryCommand extends RepositoryCommand {
  static override paths = [['new-story']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: 'make a Story with a number from the origin',
    details: `
      Pulls, has the origin issue the next number of the prefix, commits a text from the template, and pushes it. The origin
      never issues a number twice, so this needs an origin and a connection. \`--draft\` needs neither: the Story has a handle
      such as INFRA-DRAFT-1NRK5QG4T7W2M, which stands wherever an id can, until the next push or pull gives it a number.
    `,
    examples: [
      ['Make a Story', "agent new-story 'Sync on save' --prefix INFRA"],
      ['Without a connection', "agent new-story 'Sync on save' --draft"],
      ['Where all ids share one prefix', "agent new-story 'Sync on save'"],
    ],
  });

  title = Option.String({ name: 'TITLE' });
  prefix = valueOption(
    '--prefix',
    'PREFIX',
    'What stands before the number, such as INFRA; may be left out while there is only one',
  );

  draft = Option.Boolean('--draft', false, {
    description: 'Work without a connection: the number comes with the next sync',
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { title, prefix } = this;
    const wanted = { kind: 'story', title, ...(prefix === undefined ? {} : { prefix }) } as const;
    return makeArtifact(this.context, repo, wanted, { draft: this.draft, command: 'agent new-story' });
  }
}
