import { Command, Option } from 'clipanion';
import { decodeUtf8 } from '../../core/object/text.js';
import type { ListedArtifact } from '../../repo/artifacts/list.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';

export class ShowCommand extends RepositoryCommand {
  static override paths = [['show']];
  static override usage = Command.Usage({
    category: 'Artifacts',
    description: "print an artifact's text",
    details: `
      Prints the bytes that HEAD has, exactly (on a terminal, control characters are made visible). \`--json\` prints what is
      known about the artifact: state, version, author, sections, checklist, links, warnings, and its text. For earlier versions see \`agent sync show REV:PATH\`.
    `,
    examples: [
      ['Print a Story', 'agent show story/INFRA-004'],
      ['Its state', 'agent show story/INFRA-004 --json | jq -r .state'],
    ],
  });

  artifact = Option.String({ name: 'ARTIFACT' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { readArtifact } = await import('../../repo/artifacts/list.js');
    const { entry, bytes } = readArtifact(repo, this.artifact);
    return { text: bytes, document: this.json ? await describe(entry, decodeUtf8(bytes)) : undefined };
  }
}

/** The parser is loaded for this alone: it takes longer than all the rest. */
async function describe(entry: ListedArtifact, text: string): Promise<unknown> {
  const { parseArtifact } = await import('../../artifact/parse.js');
  const { sections, checklist, links, warnings } = parseArtifact(entry.path, text);
  return { ...entry, sections, checklist, links, warnings, text };
}
