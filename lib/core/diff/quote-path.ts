import { encodeUtf8 } from '../object/text.js';

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

/**
 * Writes a path as git does where a line holds one: as it is, or in C's quotes if it has quotes, backslashes, control
 * characters or anything that is not ASCII.
 *
 * @see git-config(1) `core.quotePath`
 */
export function quotePath(path: string): string {
  let quoted = '';
  let plain = true;
  for (const byte of encodeUtf8(path)) {
    const escaped = ESCAPES.get(byte) ?? (byte < 0x20 || byte >= 0x7f ? octal(byte) : undefined);
    if (escaped) plain = false;
    quoted += escaped ?? String.fromCharCode(byte);
  }
  return plain ? path : `"${quoted}"`;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
