import { isSameMerge } from '../core/merge/merge-change.js';
import type { MergeChange } from '../core/ports.js';
import type { LoggedOperation } from '../repo/operations/operation-log.js';
import { netMoves } from '../repo/operations/plan-undo.js';
import type { RestoredOperation, UndoResult } from '../repo/operations/undo.js';
import { shorten } from './commit-text.js';
import { formatStop } from './merge-text.js';
import { count, plain } from './output.js';

/** An operation on one line: number, time, who, command, and what moved. */
export function formatOperation(operation: LoggedOperation): string {
  const { id, command, author, time, undoes, undoneBy, closed } = operation;
  const day = new Date(time * 1000).toISOString().replace('T', ' ').slice(0, 16);
  const marks = [
    ...(undoes === null ? [] : [`undoes ${undoes}`]),
    ...(undoneBy === null ? [] : [`undone by ${undoneBy}`]),
    ...(closed ? ['before an erasure'] : []),
  ];
  const mark = marks.length > 0 ? ` (${marks.join(', ')})` : '';
  return plain(
    `${String(id).padStart(4)}  ${day}  ${author}  ${command}${mark}${closed ? '' : `: ${formatEffect(operation)}`}`,
  );
}

function formatEffect({ moves, merge, files }: LoggedOperation): string {
  const refs = [...netMoves(moves).values()].map(({ name, from, to }) => {
    const short = name.replace(/^refs\/(heads|remotes)\//, '');
    return `${short} ${from ? shorten(from) : 'none'} -> ${to ? shorten(to) : 'none'}`;
  });
  const parts = [...refs, ...(merge ? [formatMergeChange(merge)] : []), ...(files > 0 ? [count(files, 'file')] : [])];
  return parts.length > 0 ? parts.join(', ') : 'nothing moved';
}

function formatMergeChange(change: MergeChange): string {
  if ('answers' in change) return `${count(change.answers.length, 'conflict')} answered`;
  const { before, after } = change;
  if (!before) return 'a merge stopped';
  if (!after) return 'a merge ended';
  return isSameMerge(before, after) ? 'a merge was answered' : 'a merge went on';
}

/** What an undo did. */
export function formatUndo(result: UndoResult): string[] {
  if (result.status === 'nothing-to-undo') return ['There is nothing to undo.'];
  const { id, command } = result.operation;
  const what = `operation ${id} (${plain(command)})`;
  switch (result.status) {
    case 'undone':
      return [`Undid ${what}: refs, merge and files are what they were before it.`, again(result.by)];
    case 'reverted':
      return [
        `${REASONS[result.reason]}, so that a new commit takes back what ${what} changed: ${shorten(result.commit)}.`,
        ...(result.reason === 'pushed'
          ? ["What was pushed stays at the origin; 'agent sync push' sends the new commit."]
          : []),
        again(result.by),
      ];
    case 'nothing-to-revert':
      return [
        `${REASONS[result.reason]}, and there is nothing to take back of ${what}: it is gone already, or others made it.`,
      ];
    case 'conflicted':
      return [
        `${REASONS[result.reason]}, and taking back ${what} conflicts with what was changed since:`,
        ...formatStop({ conflicts: result.conflicts, messages: [] }),
      ];
  }
}

const REASONS = { pushed: 'It was pushed', buried: 'Later commits build on it' } as const;

/** What going back to an operation did. */
export function formatRestore(result: RestoredOperation): string[] {
  const { id, command } = result.operation;
  const what = `operation ${id} (${plain(command)})`;
  if (result.status === 'up-to-date') return [`All is as it was just after ${what} already.`];
  return [
    `Refs, merge and files are what they were just after ${what}: ${count(result.undone.length, 'operation')} back.`,
    ...(result.pushed ? ['What was pushed since stays at the origin; the next pull brings it again.'] : []),
    `'agent sync undo ${result.by}' goes forward again.`,
  ];
}

function again(by: number): string {
  return `'agent sync undo ${by}' does it again; 'agent sync undo' goes one further back.`;
}
