import { Command, Option } from 'clipanion';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { formatCommit } from '../commit-text.js';
import type { Answer } from '../output.js';
import { diffDocuments, formatPatches } from '../patch-text.js';

export class SyncShowCommand extends RepositoryCommand {
  static override paths = [['sync', 'show']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'show a commit, or an artifact as it was',
    details: `
      REV shows the commit and what it changed, a merge against the branch it was made on. REV:PATH prints the bytes that the
      artifact had then; PATH is a path below .agent/cache, or any name of an artifact of HEAD.
    `,
    examples: [
      ['The last commit', 'agent sync show'],
      ["A Story as the origin's main has it", 'agent sync show origin/main:story/INFRA-004'],
      ['Bring back what was removed', 'agent sync show HEAD~1:plans/INFRA/INFRA-008.md > INFRA-008.md'],
    ],
  });

  revision = Option.String({ name: 'REV[:PATH]', required: false });

  protected override async run(repo: Repository): Promise<Answer> {
    const [, revision, artifact] = /^([^:]*)(?::(.*))?$/s.exec(this.revision ?? 'HEAD')!;
    if (artifact !== undefined) return showArtifact(repo, revision || 'HEAD', artifact);
    const { diffChanges, showCommit } = await import('../../repo/history/compare.js');
    const { commit, changes } = showCommit(repo, revision!);
    const diffs = diffChanges(repo, changes);
    const header = `${formatCommit(commit)}\n${diffs.length > 0 ? '\n' : ''}`;
    const patches = formatPatches(this.context, diffs);
    return {
      text: typeof patches === 'string' ? header + patches : Buffer.concat([encodeUtf8(header), patches]),
      document: { commit, files: diffDocuments(diffs) },
    };
  }
}

async function showArtifact(repo: Repository, revision: string, artifact: string): Promise<Answer> {
  const { readArtifactAt } = await import('../../repo/artifacts/list.js');
  const { path, bytes } = readArtifactAt(repo, revision, artifact);
  return { text: bytes, document: { revision, path, text: decodeUtf8(bytes) } };
}
