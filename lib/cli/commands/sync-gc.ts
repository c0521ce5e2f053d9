import { Command, Option } from 'clipanion';
import type { GcResult } from '../../repo/maintenance/gc.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import { valueOption, wholeNumber } from '../options.js';
import { type Answer, count } from '../output.js';
import { formatBytes } from '../size-text.js';

export class SyncGcCommand extends RepositoryCommand {
  static override paths = [['sync', 'gc']];
  static override usage = Command.Usage({
    category: 'Maintenance',
    description: 'remove what nothing needs any more',
    details: `
      Removes objects that no ref, log, operation or merge names any more, once they have been so for two weeks, and entries of
      the logs that are older than 90 days. Others can go on working meanwhile.
    `,
    examples: [
      ['Tidy up', 'agent sync gc'],
      ['See what would go', 'agent sync gc --dry-run'],
      ['Keep for a month what nothing names', 'agent sync gc --grace 30'],
    ],
  });

  grace = valueOption(
    '--grace',
    'DAYS',
    'How long to keep what nothing names: 14 days by default; 0 removes it at once',
  );
  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what would be done, and do nothing' });

  protected override async run(repo: Repository): Promise<Answer> {
    const graceDays =
      this.grace === undefined ? undefined : wholeNumber('--grace', this.grace, { from: 0, to: 36_500 });
    const { gc } = await import('../../repo/maintenance/gc.js');
    const result = gc(repo, { dryRun: this.dryRun, ...(graceDays !== undefined && { graceDays }) });
    return { text: format(result), document: result };
  }
}

function format({ dryRun, reachable, waiting, removed, bytes, forgotten, file }: GcResult): string {
  const verb = dryRun ? 'Would remove' : 'Removed';
  const rows = forgotten.reflog + forgotten.operations + forgotten.resolutions;
  const later = waiting > 0 ? `, ${waiting} that nothing names and whose time is not over` : '';
  const lines = [
    `${verb} ${count(removed, 'object')} (${formatBytes(bytes)})${rows > 0 ? ` and ${count(rows, 'old log entry', 'old log entries')}` : ''}.`,
    `Kept ${count(reachable, 'object')} in use${later}.`,
  ];
  if (file.after < file.before)
    lines.push(`The store went from ${formatBytes(file.before)} to ${formatBytes(file.after)}.`);
  return lines.join('\n');
}
