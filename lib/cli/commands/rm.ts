import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { answerChange } from '../artifact-change-text.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';

export class RmCommand extends RepositoryCommand {
  static override paths = [['rm']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: 'remove an artifact and commit that',
    details: `
      The artifact leaves HEAD and the disk; its history stays, and \`agent sync show REV:PATH\` still prints it. A file that
      was changed and not imported is not removed.
    `,
    examples: [['Remove a Plan', 'agent rm plan/INFRA-008']],
  });

  artifact = Option.String({ name: 'ARTIFACT' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { removeArtifact } = await import('../../repo/artifacts/change-artifact.js');
    return answerChange(await removeArtifact(repo, this.artifact), 'Removed');
  }
}
