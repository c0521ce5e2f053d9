import type { ReplayedCommit } from '../core/ports.js';
import type { RebaseResult } from '../repo/rebase.js';
import { formatChanges } from './change-text.js';
import { formatRange, shorten } from './commit-text.js';
import { formatConflicts, HOW_TO_GO_ON } from './conflict-text.js';
import { formatPathless, UP_TO_DATE } from './merge-text.js';
import { count } from './output.js';

/** What a rebase did, one thing a line. */
export function formatRebase(result: RebaseResult): string[] {
  switch (result.status) {
    case 'up-to-date':
      return [UP_TO_DATE];
    case 'fast-forward':
      return [`Fast-forward ${formatRange(result.from, result.to)}:`, ...formatChanges(result.changes)];
    case 'rebased':
      return [
        `Rebased ${formatCommits(result.commits)}; HEAD is at ${shorten(result.to)}:`,
        ...formatChanges(result.changes),
      ];
    case 'conflicted': {
      const { commit, todo, conflicts, messages } = result;
      const left = todo.length > 0 ? `, with ${count(todo.length, 'commit')} after it` : '';
      return [
        `Could not replay ${shorten(commit)}${left}:`,
        ...formatConflicts(conflicts),
        ...formatPathless(messages, conflicts),
        ...HOW_TO_GO_ON,
      ];
    }
  }
}

function formatCommits(commits: readonly ReplayedCommit[]): string {
  const dropped = commits.filter(({ to }) => to === null).length;
  const made = count(commits.length - dropped, 'commit');
  return dropped > 0 ? `${made}, dropped ${dropped} that came to nothing` : made;
}
