import type { ReplayedCommit } from '../core/ports.js';
import type { CommitOutcome, RebaseOutcome } from '../repo/rebase/preview-rebase.js';
import type { RebaseResult } from '../repo/rebase/rebase.js';
import { formatChanges } from './change-text.js';
import { formatRange, shorten } from './commit-text.js';
import { HOW_TO_GO_ON } from './conflict-text.js';
import { formatArtifacts, formatStop, UP_TO_DATE } from './merge-text.js';
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
      const { commit, todo } = result;
      const left = todo.length > 0 ? `, with ${count(todo.length, 'commit')} after it` : '';
      return [`Could not replay ${shorten(commit)}${left}:`, ...formatStop(result, HOW_TO_GO_ON)];
    }
  }
}

/** What a rebase would do, one artifact a line. */
export function formatRebaseOutcome(outcome: RebaseOutcome): string[] {
  const { status, commits, ours, theirs } = outcome;
  const having = (wanted: CommitOutcome['outcome']) => commits.filter(({ outcome }) => outcome === wanted);
  const made = `${count(having('replayed').length, 'commit')}${dropping(having('dropped').length)}`;
  switch (status) {
    case 'up-to-date':
      return [UP_TO_DATE];
    case 'fast-forward':
      return [`Would fast-forward ${formatRange(ours, theirs)}:`, ...formatArtifacts(outcome)];
    case 'rebased':
      return [`Would replay ${made}:`, ...formatArtifacts(outcome)];
    case 'conflicted': {
      const [{ commit }] = having('conflicted') as [CommitOutcome];
      const left = having('waiting').length;
      const after = left > 0 ? `, before ${count(left, 'commit')} more` : '';
      return [`Would replay ${made}, and stop at ${shorten(commit)}${after}:`, ...formatArtifacts(outcome)];
    }
  }
}

function formatCommits(commits: readonly ReplayedCommit[]): string {
  const dropped = commits.filter(({ to }) => to === null).length;
  return `${count(commits.length - dropped, 'commit')}${dropping(dropped)}`;
}

function dropping(commits: number): string {
  return commits > 0 ? `, dropped ${commits} that came to nothing` : '';
}
