import type { Oid } from '../object/oid.js';
import { encodeUtf8 } from '../object/text.js';
import type { FileDiff, Hunk } from './diff-file.js';
import { quotePath } from './quote-path.js';

/** A line of a patch, with its line end. */
export interface PatchLine {
  /** What the line is, for colouring. */
  readonly kind: 'header' | 'hunk' | 'context' | 'added' | 'deleted' | 'note';
  readonly bytes: Uint8Array;
}

/** How a patch is written. */
export interface PatchFormat {
  /** How ids are shown, such as by their first seven digits. */
  readonly abbrev: (oid: Oid) => string;
}

const LF = 0x0a;
const KINDS = { ' ': 'context', '+': 'added', '-': 'deleted' } as const;

/**
 * Writes one file's changes as `git diff` does, so that `git apply` takes them; no function names follow `@@`.
 *
 * @see git-diff(1) "GENERATING PATCH TEXT WITH -P"
 */
export function formatUnified(diff: FileDiff, format: PatchFormat): Uint8Array {
  const lines = patchLines(diff, format);
  const patch = new Uint8Array(lines.reduce((size, { bytes }) => size + bytes.length, 0));
  let at = 0;
  for (const { bytes } of lines) {
    patch.set(bytes, at);
    at += bytes.length;
  }
  return patch;
}

/** The same line by line, each with what it is. */
export function patchLines(diff: FileDiff, { abbrev }: PatchFormat): PatchLine[] {
  const { before, after } = diff;
  const oldPath = quotePath(`a/${diff.from ?? diff.path}`);
  const newPath = quotePath(`b/${diff.path}`);
  const header: string[] = [`diff --git ${oldPath} ${newPath}`];
  if (!before) header.push(`new file mode ${after!.mode}`);
  else if (!after) header.push(`deleted file mode ${before.mode}`);
  else if (before.mode !== after.mode) header.push(`old mode ${before.mode}`, `new mode ${after.mode}`);
  if (diff.from !== undefined) {
    header.push(`similarity index ${diff.similarity}%`, `rename from ${quotePath(diff.from)}`);
    header.push(`rename to ${quotePath(diff.path)}`);
  }
  if (before?.oid !== after?.oid) header.push(indexLine(diff, abbrev));

  const oldName = before ? oldPath : '/dev/null';
  const newName = after ? newPath : '/dev/null';
  if (diff.binary && before?.oid !== after?.oid) header.push(`Binary files ${oldName} and ${newName} differ`);
  if (diff.hunks.length > 0) header.push(`--- ${endName(oldName)}`, `+++ ${endName(newName)}`);
  return [...header.map((text) => textLine('header', text)), ...diff.hunks.flatMap(hunkLines)];
}

function indexLine({ before, after }: FileDiff, abbrev: (oid: Oid) => string): string {
  const [old, now] = [before && abbrev(before.oid), after && abbrev(after.oid)];
  const none = '0'.repeat((old ?? now)!.length);
  const mode = before?.mode === after?.mode ? ` ${before!.mode}` : '';
  return `index ${old ?? none}..${now ?? none}${mode}`;
}

/** A tab tells programs that expect a date after the name where a name with spaces ends. */
function endName(name: string): string {
  return name.includes(' ') ? `${name}\t` : name;
}

function hunkLines({ oldStart, oldLines, newStart, newLines, lines }: Hunk): PatchLine[] {
  const range = (start: number, count: number) => (count === 1 ? `${start}` : `${start},${count}`);
  return [
    textLine('hunk', `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`),
    ...lines.flatMap(({ sign, bytes }) => {
      const complete = bytes.at(-1) === LF;
      const line = new Uint8Array(1 + bytes.length + (complete ? 0 : 1)).fill(LF);
      line.set(encodeUtf8(sign));
      line.set(bytes, 1);
      const shown: PatchLine = { kind: KINDS[sign], bytes: line };
      return complete ? [shown] : [shown, textLine('note', '\\ No newline at end of file')];
    }),
  ];
}

function textLine(kind: PatchLine['kind'], text: string): PatchLine {
  return { kind, bytes: encodeUtf8(`${text}\n`) };
}
