import { Command, Option } from 'clipanion';
import { SyncError } from '../../core/errors.js';
import type { Repository } from '../../repo/repository.js';
import { RepositoryCommand } from '../command.js';
import type { Answer } from '../output.js';

export class SyncStatsCommand extends RepositoryCommand {
  static override paths = [['sync', 'stats']];
  static override usage = Command.Usage({
    category: 'Audit and statistics',
    description: 'tell how long things took and how much there is',
    details: `
      Prints what the commands of this store measured so far: how long operations took, how many merges stopped for conflicts, what
      went to the origin and came from it, what was tried again; and how much there is now, in the store and in the queue.

      \`--prometheus\` prints it for Prometheus, such as for the textfile collector of its node exporter.
    `,
    examples: [
      ['See how the sync is doing', 'agent sync stats'],
      ['Hand it to Prometheus', 'agent sync stats --prometheus > /var/lib/node_exporter/agent_sync.prom'],
    ],
  });

  prometheus = Option.Boolean('--prometheus', false, { description: 'Print the text format of Prometheus' });

  protected override async run(repo: Repository): Promise<Answer> {
    if (this.prometheus && this.json) throw new SyncError('USAGE', "'--prometheus' does not go with '--json'");
    const { measurements, summarize } = await import('../../repo/stats.js');
    const series = measurements(repo);
    const document = summarize(series);
    if (this.prometheus) {
      const { formatPrometheus } = await import('../../telemetry/prometheus.js');
      return { text: formatPrometheus(series), document };
    }
    const { formatStats } = await import('../stats-text.js');
    return { text: formatStats(document), document };
  }
}
