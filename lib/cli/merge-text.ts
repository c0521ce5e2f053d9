import { changeLetter } from '../core/diff/diff-file.js';
import type { MergeMessage } from '../core/merge/merge-message.js';
import type { Conflict } from '../core/ports.js';
import type { MergeResult } from '../repo/merge.js';
import type { ArtifactOutcome, MergeOutcome } from '../repo/plan-merge.js';
import { formatChanges } from './change-text.js';
import { formatRange, shorten } from './commit-text.js';
import { formatConflicts, HOW_TO_SETTLE } from './conflict-text.js';
import { count, plain } from './output.js';

/** What a merge of `label` did, one thing a line. */
export function formatMerge(merged: MergeResult, label: string): string[] {
  switch (merged.status) {
    case 'up-to-date':
      return [UP_TO_DATE];
    case 'fast-forward':
      return [`Fast-forward ${formatRange(merged.from, merged.to)}:`, ...formatChanges(merged.changes)];
    case 'merged':
      return [`Merged ${plain(label)} as ${shorten(merged.to)}:`, ...formatChanges(merged.changes)];
    case 'conflicted':
      return [
        `${count(merged.conflicts.length, 'artifact')} changed both here and ${side(label)}:`,
        ...formatStop(merged),
      ];
  }
}

/** What a merge of `label` would do, one artifact a line. */
export function formatOutcome(outcome: MergeOutcome, label: string): string[] {
  const { artifacts, ours, theirs, unchanged, blocked } = outcome;
  const conflicted = artifacts.filter((artifact) => artifact.outcome === 'conflicted');
  const changed = artifacts.filter((artifact) => artifact.outcome !== 'conflicted' && artifact.side !== 'ours');
  const kept = artifacts.filter((artifact) => artifact.outcome === 'fast' && artifact.side === 'ours');
  const heading = {
    'up-to-date': UP_TO_DATE,
    'fast-forward': `Would fast-forward ${formatRange(ours, theirs)}:`,
    merged: `Would merge ${plain(label)}:`,
    conflicted: `Would stop: ${count(conflicted.length, 'artifact')} changed both here and ${side(label)}:`,
  }[outcome.status];
  return [
    heading,
    ...conflicted.flatMap(({ path, conflicts }) =>
      conflicts.map(({ kind, hunks }) => `  ${kind}: ${plain(path)}${hunks > 1 ? ` (${hunks} places)` : ''}`),
    ),
    ...formatPathless(outcome.messages, conflicted),
    ...(outcome.status === 'conflicted' && changed.length > 0 ? ['And would take:'] : []),
    ...changed.map(formatArtifact),
    ...(artifacts.length > 0 ? [`${kept.length} changed only here, ${unchanged} changed by nobody.`] : []),
    ...(blocked.length > 0
      ? [
          'Would be refused: work on disk that is not imported is in the way:',
          ...blocked.map((path) => `  ${plain(path)}`),
        ]
      : []),
  ];
}

/** What stopped a merge, and how to go on. */
export function formatStop({
  conflicts,
  messages,
}: {
  readonly conflicts: readonly Conflict[];
  readonly messages: readonly MergeMessage[];
}): string[] {
  return [...formatConflicts(conflicts), ...formatPathless(messages, conflicts), ...HOW_TO_SETTLE];
}

/** A conflict about a folder leaves no path unmerged: git's message is all there is of it. */
export function formatPathless(
  messages: readonly MergeMessage[],
  conflicts: readonly { readonly path: string }[],
): string[] {
  const unmerged = new Set(conflicts.map(({ path }) => path));
  return messages
    .filter(({ type, paths }) => type.startsWith('CONFLICT') && !paths.some((path) => unmerged.has(path)))
    .map(({ text }) => `  ${plain(text)}`);
}

function formatArtifact({ path, outcome, before, after, state }: ArtifactOutcome): string {
  const states = state.before === state.after ? '' : `  ${state.before ?? '-'} -> ${state.after ?? '-'}`;
  const how = outcome === 'merged' ? '  (merged)' : '';
  return plain(`  ${changeLetter({ path, before, after })} ${path}${states}${how}`);
}

/** What there is to say where nothing is to be done. */
export const UP_TO_DATE = 'Already up to date.';

function side(label: string): string {
  return label === 'origin/main' ? 'at the origin' : `in ${plain(label)}`;
}
