import { LineTable, sameBytes } from './line-table.js';

/** A file cut into lines. */
export interface CutFile {
  readonly bytes: Uint8Array;
  /** Where each line starts; one more at the end, the length of the file. */
  readonly starts: Int32Array;
}

/** The same with a number for each line that stands for its bytes. */
export interface Lines extends CutFile {
  /** Equal numbers for equal lines, among all files cut together; from 0. */
  readonly ids: Int32Array;
}

const LF = 0x0a;

/**
 * Cuts files after every LF, which belongs to its line, and numbers the distinct lines of all of them.
 *
 * Lines compare by their bytes: a last line without LF differs from the same with one, and CR is a byte like others.
 *
 * @returns the files in the order given, and how many distinct lines they have
 */
export function cutLines(files: readonly Uint8Array[]): { readonly files: Lines[]; readonly distinct: number } {
  const table = new LineTable(files);
  const cut: Lines[] = [];
  let model: Model | undefined;
  for (const file of files.keys()) {
    cut.push(cutFile(files, file, table, model));
    model ??= { lines: cut[0]!, firsts: firstLines(cut[0]!.ids, table.size) };
  }
  return { files: cut, distinct: table.size };
}

/** A version of the file that is cut. Most lines follow each other as they do there, and so need not be looked up. */
interface Model {
  readonly lines: Lines;
  /** Where each distinct line first stands. */
  readonly firsts: Int32Array;
}

function cutFile(files: readonly Uint8Array[], file: number, table: LineTable, model: Model | undefined): Lines {
  const bytes = files[file]!;
  let starts: Int32Array = new Int32Array(16 + (bytes.length >> 4));
  let ids: Int32Array = new Int32Array(starts.length);
  let line = 0;
  let expected = 0;
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    if (line + 1 === starts.length) {
      starts = doubled(starts);
      ids = doubled(ids);
    }
    if (model && (isLine(model.lines, expected, bytes, start) || isLine(model.lines, ++expected, bytes, start))) {
      end = start + model.lines.starts[expected + 1]! - model.lines.starts[expected]!;
      ids[line] = model.lines.ids[expected++]!;
    } else {
      // FNV-1a
      let hash = 0x811c9dc5;
      for (let byte = 0; byte !== LF && end < bytes.length; ) {
        byte = bytes[end++]!;
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
      const id = table.number(hash, file, start, end);
      ids[line] = id;
      if (model) expected = id < model.firsts.length ? model.firsts[id]! + 1 : expected - 1;
    }
    starts[line++] = start;
  }
  starts[line] = bytes.length;
  return { bytes, starts: starts.subarray(0, line + 1), ids: ids.subarray(0, line) };
}

/** Whether the line that begins at `start` is a certain one of the model. */
function isLine(model: Lines, line: number, bytes: Uint8Array, start: number): boolean {
  if (line >= model.ids.length) return false;
  const from = model.starts[line]!;
  const length = model.starts[line + 1]! - from;
  const last = bytes[start + length - 1];
  if (last !== model.bytes[from + length - 1] || (last !== LF && start + length !== bytes.length)) return false;
  return sameBytes(bytes, start, model.bytes, from, length);
}

/** Numbers are given in the order of the lines, so that the first lines stand in theirs. */
function firstLines(ids: Int32Array, distinct: number): Int32Array {
  const firsts = new Int32Array(distinct);
  for (let line = 0, next = 0; next < distinct; line++) if (ids[line] === next) firsts[next++] = line;
  return firsts;
}

function doubled(numbers: Int32Array): Int32Array {
  const more = new Int32Array(2 * numbers.length);
  more.set(numbers);
  return more;
}

/** The bytes of lines `from` up to, not including, `to`. */
export function sliceLines({ bytes, starts }: CutFile, from: number, to: number): Uint8Array {
  return bytes.subarray(starts[from], starts[to]);
}

/** How many bytes git looks at to tell text from binary. */
const SNIFFED_BYTES = 8000;

/** Tells whether git takes a file for binary: a NUL among its first 8000 bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SNIFFED_BYTES).includes(0);
}

/** Where the lines of a file start; one more at the end, the length of the file. */
export function lineStarts(bytes: Uint8Array): Int32Array {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at = lineEnd(bytes, at);
  const starts = new Int32Array(count + 1);
  for (let i = 0, at = 0; i < count; i++) {
    at = lineEnd(bytes, at);
    starts[i + 1] = at;
  }
  return starts;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const lf = bytes.indexOf(LF, from);
  return lf < 0 ? bytes.length : lf + 1;
}
