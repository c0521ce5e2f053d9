import type { Conflict } from '../core/ports.js';
import type { ConflictList, ListedConflict, ListedHunk } from '../repo/conflicts/conflicts.js';
import { count, type painter, plain } from './output.js';

type Paint = ReturnType<typeof painter>;

/** How to go on when a merge waits. */
export const HOW_TO_SETTLE = [
  "Settle each with 'agent sync resolve', then run 'agent sync merge --continue';",
  "or go back to where you were with 'agent sync merge --abort'.",
];

/** How to go on when a rebase waits. */
export const HOW_TO_GO_ON = [
  "Settle each with 'agent sync resolve', then run 'agent sync rebase --continue'; '--skip' leaves the commit out;",
  "or go back to where you were with 'agent sync rebase --abort'.",
];

/** Conflicts, one a line. */
export function formatConflicts(conflicts: readonly Conflict[]): string[] {
  return conflicts.map(({ path, kind }) => `  ${kind}: ${plain(path)}`);
}

/**
 * The conflicts of a merge in progress.
 *
 * @param inFull shows the hunks
 */
export function formatConflictList(
  { merging, rebasing, open, conflicts }: ConflictList,
  inFull: boolean,
  paint: Paint,
): string[] {
  if (!merging) return ['No merge is in progress.'];
  const shown = conflicts.flatMap((conflict) => ['', ...formatConflict(conflict, inFull, paint)]);
  const next = open > 0 ? (rebasing ? HOW_TO_GO_ON : HOW_TO_SETTLE) : [formatNext({ open, rebasing })];
  return [
    `${open} of ${count(conflicts.length, 'conflict')} ${open === 1 || conflicts.length === 1 ? 'is' : 'are'} open.`,
    ...shown,
    '',
    ...next,
  ];
}

/** What became of conflicts that were answered, and what to do next. */
export function formatSettled(conflicts: readonly ListedConflict[], left: WhatIsLeft): string {
  const lines = conflicts.map(({ path, settled, hunks }) => {
    if (settled !== null) return `Settled ${plain(path)} ${HOW_SETTLED[settled]}.`;
    const marked = hunks.filter(({ result }) => result !== null).map(({ index }) => index);
    return `${plain(path)} has ${count(marked.length, 'hunk')} left: ${marked.join(', ')}.`;
  });
  return [...lines, formatNext(left)].join('\n');
}

/** How many conflicts are open, and what of. */
export type WhatIsLeft = Pick<ConflictList, 'open' | 'rebasing'>;

/** What there is to do next. */
export function formatNext({ open, rebasing }: WhatIsLeft): string {
  if (open > 0) return `${count(open, 'conflict')} left.`;
  return rebasing ? "Go on with 'agent sync rebase --continue'." : "Finish with 'agent sync merge --continue'.";
}

function formatConflict(conflict: ListedConflict, inFull: boolean, paint: Paint): string[] {
  const { path, message, settled, hunks, suggestion } = conflict;
  const left = hunks.filter(({ result }) => result !== null).length;
  const size = hunks.length > 0 ? `, ${count(hunks.length, 'hunk')}${left < hunks.length ? `, ${left} open` : ''}` : '';
  const state = settled === null ? paint('red', `open${size}`) : paint('green', `settled ${HOW_SETTLED[settled]}`);
  return [
    `${plain(path)}: ${state}`,
    ...plain(message)
      .split('\n')
      .map((line) => `  ${line}`),
    ...(suggestion === null
      ? []
      : [`  It was resolved before: 'agent sync resolve ${plain(path)} --rerere' takes that.`]),
    ...(inFull ? hunks.flatMap((hunk) => formatHunk(hunk, paint)) : []),
  ];
}

const HOW_SETTLED: Readonly<Record<NonNullable<ListedConflict['settled']>, string>> = {
  ours: 'with our version',
  theirs: 'with their version',
  base: 'with the version before both',
  removed: 'by removing it',
  hunks: 'hunk by hunk',
  text: 'with a text of its own',
};

function formatHunk({ index, result, lines, answer }: ListedHunk, paint: Paint): string[] {
  const place = result ? `, line ${result.start + 1}` : '';
  const given = answer === null ? '' : `: ${typeof answer === 'string' ? answer : 'a text of its own'}`;
  return [
    `  hunk ${index}${place}${given}`,
    ...formatSide('ours', lines.ours, (text) => paint('green', text)),
    ...formatSide('base', lines.base, (text) => text),
    ...formatSide('theirs', lines.theirs, (text) => paint('cyan', text)),
  ];
}

function formatSide(name: string, text: string, paint: (text: string) => string): string[] {
  const lines = text === '' ? ['(nothing)'] : plain(text).replace(/\n$/, '').split('\n');
  return lines.map((line, i) => paint(`    ${(i === 0 ? name : '').padEnd(6)} | ${line}`));
}
