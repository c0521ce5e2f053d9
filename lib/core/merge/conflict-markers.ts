import { type Lines, sliceLines } from '../diff/lines.js';
import { concatBytes, encodeUtf8 } from '../object/text.js';
import type { ConflictHunk, LineRange } from '../ports.js';
import type { MergeBlock, Sides } from './combine.js';

/** Git's `merge.conflictStyle`: `merge` shows both sides, `diff3` and `zdiff3` also the base. */
export type ConflictStyle = 'merge' | 'diff3' | 'zdiff3';

/** How conflicts are written. */
export interface MarkerFormat {
  readonly labels: Sides<string>;
  readonly style: ConflictStyle;
  /** Characters in a marker. */
  readonly size: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** Which side a conflict goes to instead of getting markers; `union`: ours' lines, then theirs'. */
export type Favor = 'ours' | 'theirs' | 'union';

/** The merged file, and its conflicts as data. */
export interface RenderedMerge {
  readonly bytes: Uint8Array;
  readonly hunks: readonly ConflictHunk[];
}

/** Writes the merged file: ours, with theirs' changes, and markers around conflicts. */
export function renderMerge(
  blocks: readonly MergeBlock[],
  lines: Sides<Lines>,
  format: MarkerFormat,
  favor?: Favor,
): RenderedMerge {
  const parts: Uint8Array[] = [];
  const hunks: ConflictHunk[] = [];
  let copied = 0;
  let line = 0;
  for (const block of blocks) {
    parts.push(sliceLines(lines.ours, copied, block.ours.start));
    line += block.ours.start - copied;
    copied = block.ours.end;
    if (block.kind !== 'conflict') {
      const side = block.kind === 'theirs' ? 'theirs' : 'ours';
      parts.push(slice(lines[side], block[side]));
      line += count(block[side]);
    } else if (favor) {
      parts.push(...renderFavored(block, lines, favor));
    } else {
      const { base, ours, theirs, forBase } = block;
      const start = line;
      line += count(ours) + count(theirs) + 3 + (format.style === 'merge' ? 0 : count(base) + 1);
      parts.push(...renderConflict(block, lines, format));
      const isMore = forBase && count(forBase) > count(ours);
      hunks.push({ base, ours, theirs, result: { start, end: line }, ...(isMore && { forBase }) });
    }
  }
  parts.push(sliceLines(lines.ours, copied, lines.ours.ids.length));
  return { bytes: concatBytes(parts), hunks };
}

function renderConflict(block: MergeBlock, lines: Sides<Lines>, { labels, style, size }: MarkerFormat): Uint8Array[] {
  const eol = lineEndIn(block, lines);
  const marker = (sign: string, label: string) =>
    encodeUtf8(`${sign.repeat(size)}${label === '' ? '' : ` ${label}`}${eol}`);
  return [
    marker('<', labels.ours),
    ...terminated(slice(lines.ours, block.ours), eol),
    ...(style === 'merge' ? [] : [marker('|', labels.base), ...terminated(slice(lines.base, block.base), eol)]),
    marker('=', ''),
    ...terminated(slice(lines.theirs, block.theirs), eol),
    marker('>', labels.theirs),
  ];
}

function renderFavored(block: MergeBlock, lines: Sides<Lines>, favor: Favor): Uint8Array[] {
  if (favor !== 'union') return [slice(lines[favor], block[favor])];
  return [...terminated(slice(lines.ours, block.ours), lineEndIn(block, lines)), slice(lines.theirs, block.theirs)];
}

/** A part of a file, and the line end that its last line may lack. */
function terminated(part: Uint8Array, eol: string): Uint8Array[] {
  return part.length > 0 && part.at(-1) !== LF ? [part, encodeUtf8(eol)] : [part];
}

/** Markers end in CRLF only if the line before the conflict does on both sides, and base's first one does. */
function lineEndIn(block: MergeBlock, { base, ours, theirs }: Sides<Lines>): string {
  const inCrlf =
    lineEnding(ours, Math.max(block.ours.start - 1, 0)) !== 'lf' &&
    lineEnding(theirs, Math.max(block.theirs.start - 1, 0)) !== 'lf' &&
    lineEnding(base, 0) === 'crlf';
  return inCrlf ? '\r\n' : '\n';
}

/** How a line ends; a last line without LF is taken to end as the one before it. */
function lineEnding(lines: Lines, line: number): 'lf' | 'crlf' | 'unknown' {
  const { bytes, starts } = lines;
  if (line >= lines.ids.length) return 'unknown';
  const end = starts[line + 1]!;
  if (bytes[end - 1] !== LF) return line === 0 ? 'unknown' : lineEnding(lines, line - 1);
  return end - starts[line]! > 1 && bytes[end - 2] === CR ? 'crlf' : 'lf';
}

function count({ start, end }: LineRange): number {
  return end - start;
}

function slice(lines: Lines, { start, end }: LineRange): Uint8Array {
  return sliceLines(lines, start, end);
}
