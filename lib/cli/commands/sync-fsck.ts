import { Command } from 'clipanion';
import type { FsckResult } from '../../repo/maintenance/fsck.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { type Answer, count, plain } from '../output.js';

export class SyncFsckCommand extends RepositoryCommand {
  static override paths = [['sync', 'fsck']];
  static override usage = Command.Usage({
    category: 'Maintenance',
    description: 'check the store from end to end',
    details: `
      Checks the database file, the hash and form of every object, that nothing is missing that a commit needs, that refs
      point at commits, and that the derived tables say what the objects say. It repairs nothing. Exit code 1 tells that
      something was found.
    `,
    examples: [['Check the store', 'agent sync fsck']],
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { fsck } = await import('../../repo/maintenance/fsck.js');
    const result = fsck(repo.store);
    return { text: format(result), document: result, code: result.problems.length > 0 ? 1 : 0 };
  }
}

function format({ objects, refs, problems }: FsckResult): string {
  const checked = `Checked ${count(objects, 'object')} and ${count(refs, 'ref')}`;
  if (problems.length === 0) return `${checked}: all is well.`;
  return [
    ...problems.map(({ area, subject, message }) => `${area} ${plain(subject)}: ${plain(message)}`),
    `${checked}: found ${count(problems.length, 'problem')}.`,
  ].join('\n');
}
