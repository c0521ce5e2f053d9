import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import type { RestoreResult } from '../../repo/maintenance/restore.js';
import { AgentCommand } from '../command.js';
import { type Answer, plain } from '../output.js';

export class SyncRestoreCommand extends AgentCommand {
  static override paths = [['sync', 'restore']];
  static override usage = Command.Usage({
    category: 'Maintenance',
    description: 'bring back a backup of the store',
    details: `
      Checks the backup from end to end, keeps the present store beside the new one, and then gives the store the contents of
      the backup, in one step. No Markdown on disk is touched.
    `,
    examples: [['Go back to a backup', 'agent sync restore ../agent-backup.db']],
  });

  file = Option.String({ name: 'FILE' });

  protected override async answer(): Promise<Answer> {
    const { restoreRepository } = await import('../../open.js');
    const { cwd, telemetry } = this.context;
    const result = await restoreRepository(cwd, resolve(cwd, this.file), { telemetry });
    return { text: format(this.file, result), document: result, notes: nextSteps(result) };
  }
}

function format(file: string, { head, kept }: RestoreResult): string {
  const lines = [`Restored ${plain(file)}: HEAD is ${head ? `now ${head.slice(0, 7)}` : 'unborn'}.`];
  if (kept) lines.push(`The store as it was before is in ${plain(kept)}.`);
  return lines.join('\n');
}

function nextSteps({ unknownBase, merging }: RestoreResult): string[] {
  const steps: string[] = [];
  if (unknownBase !== null) {
    steps.push(
      `The files on disk come from commit ${unknownBase.slice(0, 7)}, which this store does not have. If it was pushed, 'agent sync fetch' gets it. If not, 'agent sync import --base HEAD' takes the files as changes to HEAD.`,
    );
  }
  if (merging) {
    steps.push("A merge was waiting when the backup was made: see 'agent sync conflicts' before you go on.");
  }
  if (steps.length === 0) steps.push("'agent sync status' tells how the files on disk differ.");
  return steps;
}
