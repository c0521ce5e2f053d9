import { TRANSITIONS } from '../../../lib/artifact/states.js';
import type { ArtifactKind } from '../../../lib/core/ports.js';

/** A number from 0 up to, not including, a limit. */
export type Random = (limit: number) => number;

/** What a person does to an artifact: other lines, or undefined where there is nothing to do it to. */
export type Edit = (lines: readonly string[], chance: Random, who: string) => string[] | undefined;

const OPEN = /^(\s*[-*+] )\[ \] /;
const BOX = /^\s*[-*+] \[[ x]\] /;
const LINK = /^- [A-Z]+-\d+/;
const PROSE = /^[A-Z].*\w\.?$/;
const STATE = /^(?:(?:\*\*)?(?:State|Status)(?:\*\*)?: *)?([A-Z_]{4,})$/;

/** Finds lines by a pattern, outside code. */
export function linesLike(lines: readonly string[], pattern: RegExp): number[] {
  let code = false;
  return [...lines.keys()].filter((i) => {
    if (/^\s*(?:```|~~~)/.test(lines[i]!)) code = !code;
    return !code && pattern.test(lines[i]!);
  });
}

/** Where something can be put after the first heading's section: the lines of headings of level 2, and the end. */
function sectionStarts(lines: readonly string[]): number[] {
  return [...linesLike(lines, /^## /), lines.length];
}

/** Where the content of a section ends that begins at `start`: after its last line that is not blank. */
function contentEnd(lines: readonly string[], start: number): number {
  const next = linesLike(lines, /^#{1,6} /).find((i) => i > start) ?? lines.length;
  let end = next;
  while (end > start + 1 && lines[end - 1]!.trim() === '') end--;
  return end;
}

function onOne(pattern: RegExp, change: (line: string, chance: Random, who: string) => string[]): Edit {
  return (lines, chance, who) => {
    const found = linesLike(lines, pattern);
    if (found.length === 0) return undefined;
    const at = found[chance(found.length)]!;
    return lines.toSpliced(at, 1, ...change(lines[at]!, chance, who));
  };
}

const words = (chance: Random, who: string) => `${who}${chance(1_000_000)}`;

export const tick: Edit = onOne(OPEN, (line) => [line.replace('[ ]', '[x]')]);

/** Adds a link to a section of links, at its end. */
export const addLink: Edit = (lines, chance, who) => {
  const found = linesLike(lines, /^## (?:Linked|Related) /);
  if (found.length === 0) return undefined;
  const end = contentEnd(lines, found[chance(found.length)]!);
  return lines.toSpliced(end, 0, `- ADR-${who.length}${100 + chance(900)}: what ${who} thought`);
};

/** Adds a section before a section of level 2, or at the end. */
export const addSection: Edit = (lines, chance, who) => {
  const starts = sectionStarts(lines);
  const at = starts[chance(starts.length)]!;
  const text = [`## Section ${words(chance, who)}`, '', `Written by ${words(chance, who)}.`];
  if (at < lines.length) return lines.toSpliced(at, 0, ...text, '');
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  return lines.toSpliced(end, 0, '', ...text);
};

/** Adds a section at the end. */
export const addLastSection: Edit = (lines, _, who) => addSection(lines, (limit) => limit - 1, who);

/** Adds an item with a box at the end of a checklist. */
export const addBox: Edit = (lines, chance, who) => {
  const found = linesLike(lines, BOX).filter((i) => lines[i]!.startsWith('- ') && !/^\s+\S/.test(lines[i + 1] ?? ''));
  if (found.length === 0) return undefined;
  return lines.toSpliced(found[chance(found.length)]! + 1, 0, `- [ ] What ${words(chance, who)} wants`);
};

/** Takes the state one step on. */
export function advance(kind: ArtifactKind): Edit {
  return (lines, chance) => {
    const at = linesLike(lines, STATE)[0];
    const from = at === undefined ? undefined : STATE.exec(lines[at]!)![1]!;
    const ways = (from && TRANSITIONS[kind][from]) || [];
    if (at === undefined || ways.length === 0) return undefined;
    return lines.with(at, lines[at]!.replace(from!, ways[chance(ways.length)]!));
  };
}

export const rewordBox: Edit = onOne(BOX, (line, chance, who) => [`${line} as ${words(chance, who)} says`]);
export const removeBox: Edit = onOne(BOX, () => []);
export const removeLink: Edit = onOne(LINK, () => []);
export const rewordLink: Edit = onOne(LINK, (line, chance, who) => [`${line} (${words(chance, who)})`]);
export const rewordProse: Edit = onOne(PROSE, (line, chance, who) => [`${line} And ${words(chance, who)}.`]);
export const addProse: Edit = onOne(PROSE, (line, chance, who) => [line, `Then ${words(chance, who)}.`]);
export const renameHeading: Edit = onOne(/^###? \w/, (line, chance, who) => [`${line} ${words(chance, who)}`]);

/** Removes a section of level 3. */
export const removeSection: Edit = (lines, chance) => {
  const found = linesLike(lines, /^### /);
  if (found.length === 0) return undefined;
  const start = found[chance(found.length)]!;
  const next = linesLike(lines, /^#{1,3} /).find((i) => i > start) ?? lines.length;
  return lines.toSpliced(start, next - start);
};

/** Everything that people do, what they do most as often as they do it. */
export function anyEdit(kind: ArtifactKind): Edit {
  const edits: Edit[] = [
    tick,
    tick,
    tick,
    addLink,
    addSection,
    addBox,
    advance(kind),
    rewordBox,
    removeBox,
    removeLink,
    rewordLink,
    rewordProse,
    rewordProse,
    addProse,
    renameHeading,
    removeSection,
  ];
  return (lines, chance, who) => edits[chance(edits.length)]!(lines, chance, who);
}
