import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { type Answer, count, plain } from '../output.js';
import { formatBytes } from '../size-text.js';

export class SyncBackupCommand extends RepositoryCommand {
  static override paths = [['sync', 'backup']];
  static override usage = Command.Usage({
    category: 'Maintenance',
    description: 'copy the store into a file',
    details: `
      Copies the whole store, as it is at one moment, and checks the copy from end to end. Others can go on working meanwhile.
      'agent sync restore' brings it back.
    `,
    examples: [['Make a backup', 'agent sync backup ../agent-backup.db']],
  });

  file = Option.String({ name: 'FILE' });
  force = Option.Boolean('--force', false, { description: 'Replace the file if it is there already' });

  protected override async run(repo: Repository): Promise<Answer> {
    const { backup } = await import('../../repo/maintenance/backup.js');
    const result = await backup(repo, resolve(this.context.cwd, this.file), { force: this.force });
    const text = `Wrote ${plain(this.file)}: ${count(result.objects, 'object')}, ${formatBytes(result.bytes)}, all of it checked.`;
    return { text, document: result };
  }
}
