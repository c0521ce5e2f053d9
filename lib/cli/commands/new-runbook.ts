import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { answerNewArtifact } from '../new-artifact-text.js';
import type { Answer } from '../output.js';

export class NewRunbookCommand extends RepositoryCommand {
  static override paths = [['new-runbook']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: "make the Runbook of a Story, with the Story's id",
    details: `
      Pulls, claims the Story's id at the origin (a Story has one Runbook), commits a text from the template, and pushes it.
      This needs an origin and a connection.
    `,
    examples: [
      ['Make the Runbook of a Story', 'agent new-runbook INFRA-004'],
      ['With a title of its own', "agent new-runbook INFRA-004 'Roll out sync on save'"],
    ],
  });

  story = Option.String({ name: 'STORY' });
  title = Option.String({ name: 'TITLE', required: false });

  protected override async run(repo: Repository): Promise<Answer> {
    const { newArtifact } = await import('../../repo/new-artifact.js');
    const { story, title } = this;
    const wanted = { kind: 'runbook', story, ...(title === undefined ? {} : { title }) } as const;
    return answerNewArtifact(await newArtifact(repo, wanted, { signal: this.context.signal }));
  }
}
