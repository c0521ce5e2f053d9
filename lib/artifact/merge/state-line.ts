import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import { readHead } from '../head.js';
import { cutText } from './lines.js';
import type { LineMerge, MergedPart } from './part.js';

/** Lines of a conflict of one line a side, in a style that shows base, which has none. */
const WITH_EMPTY_BASE = 6;

const LINE_END = /\r?\n$/;

/** Where a document says its state: from column `from` up to `to` of a line, counted from 0. */
export interface StateLine {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** Finds the state of a document; undefined when it cannot be read, or more is written there than the state. */
export function findState(text: string): StateLine | undefined {
  const found = readHead(text).state;
  if (!found || found.state === null || found.text !== found.state) return undefined;
  const lineStart = text.lastIndexOf('\n', found.start - 1) + 1;
  return { line: found.line - 1, from: found.start - lineStart, to: found.end - lineStart, state: found.state };
}

/** Writes another state where a document says its own. */
export function writeState(lines: readonly string[], { line, from, to }: StateLine, state: string): string[] {
  return lines.with(line, lines[line]!.slice(0, from) + state + lines[line]!.slice(to));
}

/**
 * Finds the state of a merged document outside its conflicts, which are read as ours.
 *
 * @param ours the lines that the hunks' ranges in ours are about
 */
export function findMergedState({ lines, hunks }: MergedPart, ours: readonly string[]): StateLine | undefined {
  const read: string[] = [];
  const places: number[] = [];
  let at = 0;
  const copyUntil = (end: number) => {
    for (; at < end; at++) {
      read.push(lines[at]!);
      places.push(at);
    }
  };
  for (const hunk of hunks) {
    copyUntil(hunk.result.start);
    for (const line of ours.slice(hunk.ours.start, hunk.ours.end)) {
      read.push(line);
      places.push(-1);
    }
    at = hunk.result.end;
  }
  copyUntil(lines.length);
  const found = findState(read.join(''));
  const line = found ? places[found.line]! : -1;
  return found && line >= 0 ? { ...found, line } : undefined;
}

/**
 * Puts the state of a merged document between markers: ours' line against theirs'.
 *
 * @param at where the merged document has its state
 * @returns undefined when a side says its state on a line that is not like the merged one
 */
export function markState(
  merged: MergedPart,
  at: StateLine,
  texts: Sides<string>,
  states: Sides<StateLine>,
  mergeLines: LineMerge,
): MergedPart | undefined {
  const lineOf = (side: keyof Sides<unknown>) => cutText(texts[side])[states[side].line]!;
  const [ours, theirs] = [lineOf('ours'), lineOf('theirs')];
  const alike = (line: string, state: string) =>
    writeState(merged.lines, at, state)[at.line]!.trimEnd() === line.trimEnd();
  if (!alike(ours, states.ours.state) || !alike(theirs, states.theirs.state)) return undefined;

  const base = lineOf('base');
  const stayed = states.ours.state === states.base.state || states.theirs.state === states.base.state;
  // A side that is like base would win: between it and a change that may not be, base is shown but takes no part.
  const marked = mergeLines({ base: stayed ? [] : [base], ours: [ours], theirs: [theirs] });
  const shown = [...marked.lines];
  if (stayed && shown.length === WITH_EMPTY_BASE)
    shown.splice(3, 0, base.replace(LINE_END, '') + LINE_END.exec(shown[3]!)![0]);
  const grown = shown.length - 1;
  const rangeOf = (side: keyof Sides<unknown>): LineRange => ({ start: states[side].line, end: states[side].line + 1 });
  const hunk = {
    base: rangeOf('base'),
    ours: rangeOf('ours'),
    theirs: rangeOf('theirs'),
    result: { start: at.line, end: at.line + 1 + grown },
  };
  const before = merged.hunks.filter(({ result }) => result.end <= at.line);
  const after = merged.hunks
    .slice(before.length)
    .map((later) => ({ ...later, result: { start: later.result.start + grown, end: later.result.end + grown } }));
  return {
    lines: merged.lines.toSpliced(at.line, 1, ...shown),
    hunks: [...before, ...(marked.hunks.length > 0 ? [hunk] : []), ...after],
  };
}
