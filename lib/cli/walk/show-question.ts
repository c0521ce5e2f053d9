import { type CutFile, isBinary, lineStarts, sliceLines } from '../../core/diff/lines.js';
import type { Sides } from '../../core/merge/combine.js';
import type { ReplayedResolution } from '../../core/merge/replay-resolution.js';
import { decodeUtf8 } from '../../core/object/text.js';
import type { ConflictHunk, LineRange, PendingConflict } from '../../core/ports.js';
import { count, type painter, plain } from '../output.js';
import type { Question } from './walk.js';

type Paint = ReturnType<typeof painter>;

/** What is shown of a conflict. */
export interface ShownConflict {
  readonly conflict: PendingConflict;
  /** Such as `story/INFRA-004`; the path for what is no artifact's file. */
  readonly name: string;
  /** Empty when the document has none. */
  readonly title: string;
  /** The contents, empty where there is no file. */
  readonly versions: Sides<Uint8Array>;
  /** What the merge made of the file, markers included; empty where it left none. */
  readonly marked: Uint8Array;
  /** Whether that is a text which no version has, without markers: what is in question is not its lines. */
  readonly isMerged: boolean;
  /** How the same conflicts were resolved before. */
  readonly remembered: ReplayedResolution | undefined;
}

/** How many lines are shown around a hunk. */
const CONTEXT = 3;

/** Shows what a question is about: the conflict, where on the walk it stands, and what each side has. */
export function formatQuestion(
  shown: ShownConflict,
  { conflict, hunk }: Question,
  conflicts: number,
  paint: Paint,
): string {
  const { name, title } = shown;
  const { path, kind, hunks } = shown.conflict;
  const position = [
    ...(hunk === null ? [] : [`hunk ${hunk + 1} of ${hunks.length}`]),
    `conflict ${conflict + 1} of ${conflicts}`,
  ];
  const line = hunk === null ? '' : `:${hunks[hunk]!.result.start + 1}`;
  const head = [
    paint('bold', `${plain(title === '' ? name : `${name} ${title}`)}: ${position.join(', ')}`),
    paint('dim', `${plain(path)}${line} (${kind})`),
    '',
  ];
  const body =
    hunk === null
      ? formatVersions(shown)
      : [...formatHunk(shown, hunk, paint), ...formatRemembered(shown, hunk, paint)];
  return `${[...head, ...body, ''].join('\n')}\n`;
}

/** The lines of base, ours and theirs as diff3 shows them, with what stands around them in the merged text. */
function formatHunk({ conflict, versions, marked }: ShownConflict, number: number, paint: Paint): string[] {
  const { hunks } = conflict;
  const hunk = hunks[number]!;
  const text = cut(marked);
  const last = text.starts.length - 1;
  const before = {
    start: Math.max(hunk.result.start - CONTEXT, hunks[number - 1]?.result.end ?? 0),
    end: hunk.result.start,
  };
  const after = {
    start: hunk.result.end,
    end: Math.min(hunk.result.end + CONTEXT, hunks[number + 1]?.result.start ?? last),
  };
  const labels = labelsOf(text, hunk);
  const side = (name: keyof Sides<unknown>) => linesOf(cut(versions[name]), hunk[name]);
  const painted = (style: Parameters<Paint>[0], lines: readonly string[]) => lines.map((line) => paint(style, line));
  return [
    ...painted('dim', linesOf(text, before)),
    ...painted('green', [`<<<<<<< ours${labels.ours}`, ...side('ours')]),
    ...painted('yellow', ['||||||| base', ...side('base')]),
    '=======',
    ...painted('cyan', [...side('theirs'), `>>>>>>> theirs${labels.theirs}`]),
    ...painted('dim', linesOf(text, after)),
  ];
}

/** How a hunk was resolved before; nothing where the same conflicts are not known. */
function formatRemembered({ name, remembered }: ShownConflict, hunk: number, paint: Paint): string[] {
  if (!remembered) return [];
  const lines = remembered.hunks[hunk];
  if (!lines)
    return ['', `It was resolved before, with lines around it: 'agent sync resolve ${plain(name)} --rerere'.`];
  const text = cut(lines);
  const shown = linesOf(text, { start: 0, end: text.starts.length - 1 });
  return ['', 'It was resolved before as', ...shown.map((line) => paint('magenta', line))];
}

function formatVersions({ conflict, versions, marked, isMerged }: ShownConflict): string[] {
  const describe = (name: keyof Sides<unknown>) => {
    const version = conflict[name];
    if (!version) return `  ${name}: no file`;
    return `  ${name}: ${version.mode === '100644' ? '' : `mode ${version.mode}, `}${sizeOf(versions[name])}`;
  };
  const merged = isMerged ? [`  merged: ${sizeOf(marked)}, as on disk`] : [];
  return [plain(conflict.message), describe('ours'), describe('base'), describe('theirs'), ...merged];
}

function sizeOf(bytes: Uint8Array): string {
  return isBinary(bytes) ? count(bytes.length, 'byte') : count(lineStarts(bytes).length - 1, 'line');
}

/** What the markers call the sides, in brackets. */
function labelsOf(text: CutFile, { result }: ConflictHunk): { readonly ours: string; readonly theirs: string } {
  const label = (line: number, sign: string) => {
    const [marker = ''] = linesOf(text, { start: line, end: line + 1 });
    return marker.startsWith(`${sign.repeat(7)} `) ? ` (${marker.slice(8)})` : '';
  };
  return { ours: label(result.start, '<'), theirs: label(result.end - 1, '>') };
}

function linesOf(text: CutFile, { start, end }: LineRange): string[] {
  if (start >= end) return [];
  return plain(
    decodeUtf8(sliceLines(text, start, end))
      .replaceAll('\r\n', '\n')
      .replace(/\n$/, ''),
  ).split('\n');
}

function cut(bytes: Uint8Array): CutFile {
  return { bytes, starts: lineStarts(bytes) };
}
