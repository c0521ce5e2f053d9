import { changeLetter } from '../core/diff/diff-file.js';
import type { MergeMessage } from '../core/merge/merge-message.js';
import type { Conflict } from '../core/ports.js';
import { countArtifacts } from '../repo/conflicts/pick-conflicts.js';
import type { ArtifactOutcome } from '../repo/merge/artifact-outcomes.js';
import type { MergeResult } from '../repo/merge/merge.js';
import type { MergeOutcome, Outcome } from '../repo/merge/plan-merge.js';
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
        `${count(countArtifacts(merged.conflicts), 'artifact')} changed both here and ${side(label)}:`,
        ...formatStop(merged),
      ];
  }
}

/** What a merge of `label` would do, one artifact a line. */
export function formatOutcome(outcome: MergeOutcome, label: string): string[] {
  const { status, artifacts, ours, theirs } = outcome;
  if (status === 'up-to-date') return [UP_TO_DATE];
  const conflicted = countArtifacts(artifacts.filter(({ outcome }) => outcome === 'conflicted'));
  const heading = {
    'fast-forward': `Would fast-forward ${formatRange(ours, theirs)}:`,
    merged: `Would merge ${plain(label)}:`,
    conflicted: `Would stop: ${count(conflicted, 'artifact')} changed both here and ${side(label)}:`,
  }[status];
  return [heading, ...formatArtifacts(outcome)];
}

/** What would become of each artifact that either side changed, conflicts first. */
export function formatArtifacts({ artifacts, messages, unchanged, blocked }: Outcome): string[] {
  const conflicted = artifacts.filter(({ outcome }) => outcome === 'conflicted');
  const changed = artifacts.filter(({ outcome, side }) => outcome !== 'conflicted' && side !== 'ours');
  const kept = artifacts.filter(({ outcome, side }) => outcome === 'fast' && side === 'ours');
  const stops = [...conflicted.flatMap(formatConflicted), ...formatPathless(messages, conflicted)];
  return [
    ...stops,
    ...(stops.length > 0 && changed.length > 0 ? ['And would take:'] : []),
    ...changed.map(formatArtifact),
    `${kept.length} changed only here, ${unchanged} changed by nobody.`,
    ...(blocked.length > 0 ? [REFUSED, ...blocked.map((path) => `  ${plain(path)}`)] : []),
  ];
}

const REFUSED = 'Would be refused: work on disk that is not imported is in the way:';

function formatConflicted({ path, conflict }: ArtifactOutcome): string[] {
  if (!conflict) return [];
  const { kind, hunks } = conflict;
  return [`  ${kind}: ${plain(path)}${hunks > 1 ? ` (${hunks} places)` : ''}`];
}

/**
 * What stopped a merge, and how to go on.
 *
 * @param howToGoOn as for a merge when left out
 */
export function formatStop(
  { conflicts, messages }: { readonly conflicts: readonly Conflict[]; readonly messages: readonly MergeMessage[] },
  howToGoOn: readonly string[] = HOW_TO_SETTLE,
): string[] {
  return [...formatConflicts(conflicts), ...formatPathless(messages, conflicts), ...howToGoOn];
}

/** A conflict about a folder leaves no path unmerged: git's message is all there is of it. */
function formatPathless(messages: readonly MergeMessage[], conflicts: readonly { readonly path: string }[]): string[] {
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
