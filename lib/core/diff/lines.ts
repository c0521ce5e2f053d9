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

// Windows-1252 as WHATWG defines it gives each byte a character of its own, which is all that comparing needs.
const bytewise = new TextDecoder('latin1');

/**
 * Cuts files after every LF, which belongs to its line, and numbers the distinct lines of all of them.
 *
 * Lines compare by their bytes: a last line without LF differs from the same with one, and CR is a byte like others.
 *
 * @returns the files in the order given, and how many distinct lines they have
 */
export function cutLines(files: readonly Uint8Array[]): { readonly files: Lines[]; readonly distinct: number } {
  const numbers = new Map<string, number>();
  const cut = files.map((bytes): Lines => {
    const starts = lineStarts(bytes);
    const text = bytewise.decode(bytes);
    const ids = new Int32Array(starts.length - 1);
    for (let i = 0; i < ids.length; i++) {
      const line = text.slice(starts[i], starts[i + 1]);
      let id = numbers.get(line);
      if (id === undefined) {
        id = numbers.size;
        numbers.set(line, id);
      }
      ids[i] = id;
    }
    return { bytes, starts, ids };
  });
  return { files: cut, distinct: numbers.size };
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
