import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { makeArtifact } from '../make-artifact.js';
import type { Answer } from '../output.js';

export class NewRunbookCommand extends RepositoryCommand {
  static override paths = [['new-runbook']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: "make the Runbook of a Story, with the Story's id",
    details: `
      Pulls, claims the Story's id at the origin (a Story has one Runbook), commits a text from the template, and pushes it.
      This needs an origin and a connection; \`--draft\` needs neither, and the Runbook of a draft follows its number.
    `,
    examples: [
      ['Make the Runbook of a Story', 'agent new-runbook INFRA-004'],
      ['With a title of its own', "agent new-runbook INFRA-004 'Roll out sync on save'"],
    ],
  });

  story = Option.String({ name: 'STORY' });
  title = Option.String({ name: 'TITLE', required: false });

  draft = Option.Boolean('--draft', false, {
    description: 'Work without a connection: the number comes with the next sync',
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { story, title } = this;
    const wanted = { kind: 'runbook', story, ...(title === undefined ? {} : { title }) } as const;
    return makeArtifact(this.context, repo, wanted, { draft: this.draft, command: 'agent new-runbook' });
  }
}
