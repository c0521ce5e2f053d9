import { Command, Option } from 'clipanion';
import type { MergeResult } from '../../repo/merge.js';
import type { Repository } from '../../repo/repository.js';
import { formatChanges } from '../change-text.js';
import { RepositoryCommand } from '../command.js';
import { formatRange, shorten } from '../commit-text.js';
import { formatConflicts, HOW_TO_SETTLE } from '../conflict-text.js';
import { formatFetched } from '../fetch-text.js';
import { type Answer, count } from '../output.js';

export class SyncPullCommand extends RepositoryCommand {
  static override paths = [['sync', 'pull']];
  static override usage = Command.Usage({
    category: 'Sync',
    description: 'fetch, and merge what the origin has into your commits and files',
    details: `
      Moves forward when only the others changed something, and merges when both did. The files on disk follow. Work that is
      on disk and not imported is never overwritten: the pull is refused before anything changes.

      When the same lines changed on both sides, the pull ends with exit code 1: the conflicts get markers in their files,
      all else is merged, and the merge waits for \`agent sync resolve\` and \`agent sync merge --continue\`.

      A dry run fetches too, since that changes none of your work, and tries the merge in memory.
    `,
    examples: [
      ['Get the work of the others', 'agent sync pull'],
      ['See what it would do', 'agent sync pull --dry-run'],
      ['Join two stores that each began with an import', 'agent sync pull --allow-unrelated-histories'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Say what the merge would do, and do not merge' });
  allowUnrelated = Option.Boolean('--allow-unrelated-histories', false, {
    description: 'Merge even when the two have no commit in common',
  });

  protected override async run(repo: Repository): Promise<Answer> {
    const { pull } = await import('../../repo/pull.js');
    const { dryRun, allowUnrelated } = this;
    const { fetched, merged } = await pull(repo, { signal: this.context.signal, dryRun, allowUnrelated });
    return {
      text: [...formatFetched(fetched.refs), ...formatMerge(merged, dryRun)].join('\n'),
      document: { dryRun, fetched, merged: merged ?? null },
      code: merged?.status === 'conflicted' ? 1 : 0,
    };
  }
}

function formatMerge(merged: MergeResult | undefined, dryRun: boolean): string[] {
  switch (merged?.status) {
    case undefined:
      return ['The origin has no commits yet.'];
    case 'up-to-date':
      return ['Already up to date.'];
    case 'fast-forward': {
      const range = merged.to ? ` ${formatRange(merged.from, merged.to)}` : '';
      return [`${dryRun ? 'Would fast-forward' : 'Fast-forward'}${range}:`, ...formatChanges(merged.changes)];
    }
    case 'merged': {
      const what = merged.to ? `Merged origin/main as ${shorten(merged.to)}:` : 'Would merge origin/main:';
      return [what, ...formatChanges(merged.changes)];
    }
    case 'conflicted': {
      const conflicts = count(merged.conflicts.length, 'artifact');
      const what = dryRun ? `Would stop: ${conflicts} changed` : `${conflicts} changed`;
      return [
        `${what} both here and at the origin:`,
        ...formatConflicts(merged.conflicts),
        ...(dryRun ? [] : HOW_TO_SETTLE),
      ];
    }
  }
}
