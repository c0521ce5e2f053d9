import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { answerChange } from '../artifact-change-text.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';

export class SetStateCommand extends RepositoryCommand {
  static override paths = [['set-state']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: "change an artifact's state and commit it",
    details: 'The state changes where the text has it, in the form that it has there; nothing else of the text does.',
    examples: [['Commit to a Story', 'agent set-state story/INFRA-004 COMMITTED']],
  });

  artifact = Option.String({ name: 'ARTIFACT' });
  state = Option.String({ name: 'STATE' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { setState } = await import('../../repo/artifacts/change-artifact.js');
    return answerChange(await setState(repo, this.artifact, this.state));
  }
}
