/** No document that people write comes near it, and a parser that calls itself for each level has room for it. */
const MOST_LEVELS = 200;

const OPENING = '[{';
const CLOSING = ']}';
/** What begins a level, several on a line as well: `- - a: b`. */
const INDICATOR = /[-?:](?:[ \t\r]+|$)/g;

/**
 * Tells whether YAML may nest so deep that a parser which calls itself for each level would take the process down with it: V8 gives
 * up without an exception when the stack ends while it compiles a regular expression.
 *
 * Brackets and signs in quotes count as well: better one odd document too many.
 */
export function isDeepYaml(text: string): boolean {
  let brackets = 0;
  /** Where each level begins that is open: a line further to the left ends it. */
  const blocks: number[] = [];
  for (const line of text.split('\n')) {
    let column = line.search(/[^ ]|$/);
    if (column < line.length) while (blocks.length > 0 && blocks.at(-1)! >= column) blocks.pop();
    for (const { 0: sign, index } of line.matchAll(INDICATOR)) {
      blocks.push(column);
      column = index + sign.length;
    }
    for (const character of line) {
      if (OPENING.includes(character)) brackets++;
      else if (CLOSING.includes(character)) brackets = Math.max(0, brackets - 1);
      if (brackets + blocks.length > MOST_LEVELS) return true;
    }
  }
  return false;
}
