import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { answerChange } from '../artifact-change-text.js';
import { RepositoryCommand } from '../command.js';
import { editText } from '../editor.js';
import { readUserFile } from '../input.js';
import { valueOption } from '../options.js';
import type { Answer } from '../output.js';

export class EditCommand extends RepositoryCommand {
  static override paths = [['edit']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: "replace an artifact's text and commit it",
    details: `
      Opens a copy of the text in your editor (VISUAL, then EDITOR), or takes the new text from a file or standard input. The
      new text is held to the schema of its kind. When it cannot be taken, nothing changes, your text is kept, and the message
      says where.
    `,
    examples: [
      ['Edit in your editor', 'agent edit story/INFRA-004'],
      ['Take a file', 'agent edit story/INFRA-004 --file draft.md'],
      [
        'Take the output of a program',
        "agent show plan/INFRA-008 | sed 's/SQlite/SQLite/' | agent edit plan/INFRA-008 --file -",
      ],
    ],
  });

  artifact = Option.String({ name: 'ARTIFACT' });
  file = valueOption('--file', 'FILE', "A file with the new text; '-' is standard input");

  protected override async run(repo: Repository): Promise<Answer> {
    const { editArtifact } = await import('../../repo/artifacts/change-artifact.js');
    if (this.file !== undefined) {
      return answerChange(await editArtifact(repo, this.artifact, await readUserFile(this.context, this.file)));
    }
    const { refuseDuringMerge } = await import('../../repo/merge/merge-state.js');
    const { readArtifact } = await import('../../repo/artifacts/list.js');
    refuseDuringMerge(repo.store);
    const { entry, bytes } = readArtifact(repo, this.artifact);
    const edited = await editText(this.context, entry.path, bytes, (text) =>
      editArtifact(repo, entry.path, text, { from: entry.oid }),
    );
    return answerChange(edited);
  }
}
