import { type Lines, sliceLines } from '../diff/lines.js';
import { encodeUtf8 } from '../object/text.js';
import type { LineRange } from '../ports.js';
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

/** Writes the merged file: ours, with theirs' changes, and markers around conflicts. */
export function renderMerge(blocks: readonly MergeBlock[], lines: Sides<Lines>, format: MarkerFormat): Uint8Array {
  const parts: Uint8Array[] = [];
  let written = 0;
  for (const block of blocks) {
    parts.push(sliceLines(lines.ours, written, block.ours.start));
    if (block.kind === 'conflict') {
      parts.push(...renderConflict(block, lines, format));
    } else {
      const side = block.kind === 'theirs' ? 'theirs' : 'ours';
      parts.push(slice(lines[side], block[side]));
    }
    written = block.ours.end;
  }
  parts.push(sliceLines(lines.ours, written, lines.ours.ids.length));
  return concatBytes(parts);
}

function renderConflict(block: MergeBlock, lines: Sides<Lines>, { labels, style, size }: MarkerFormat): Uint8Array[] {
  const eol = endsInCrlf(block, lines) ? '\r\n' : '\n';
  const marker = (sign: string, label: string) =>
    encodeUtf8(`${sign.repeat(size)}${label === '' ? '' : ` ${label}`}${eol}`);
  const side = (name: 'base' | 'ours' | 'theirs') => {
    const part = slice(lines[name], block[name]);
    return part.length > 0 && part.at(-1) !== LF ? [part, encodeUtf8(eol)] : [part];
  };
  return [
    marker('<', labels.ours),
    ...side('ours'),
    ...(style === 'merge' ? [] : [marker('|', labels.base), ...side('base')]),
    marker('=', ''),
    ...side('theirs'),
    marker('>', labels.theirs),
  ];
}

/** Markers end in CRLF only if the line before the conflict does on both sides, and base's first one does. */
function endsInCrlf(block: MergeBlock, { base, ours, theirs }: Sides<Lines>): boolean {
  return (
    lineEnding(ours, Math.max(block.ours.start - 1, 0)) !== 'lf' &&
    lineEnding(theirs, Math.max(block.theirs.start - 1, 0)) !== 'lf' &&
    lineEnding(base, 0) === 'crlf'
  );
}

/** How a line ends; a last line without LF is taken to end as the one before it. */
function lineEnding(lines: Lines, line: number): 'lf' | 'crlf' | 'unknown' {
  const { bytes, starts } = lines;
  if (line >= lines.ids.length) return 'unknown';
  const end = starts[line + 1]!;
  if (bytes[end - 1] !== LF) return line === 0 ? 'unknown' : lineEnding(lines, line - 1);
  return end - starts[line]! > 1 && bytes[end - 2] === CR ? 'crlf' : 'lf';
}

function slice(lines: Lines, { start, end }: LineRange): Uint8Array {
  return sliceLines(lines, start, end);
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
