/** No document that people write comes near it, and a parser that calls itself for each level has room for it. */
const MOST_LEVELS = 200;

const OPENING = '[{';
const CLOSING = ']}';
/** What can begin a level without a line of its own: `- - - a`. */
const COMPACT = /[-?:][ \t]/g;

/**
 * Tells whether YAML may nest so deep that a parser which calls itself for each level would take the process down with it: V8 gives
 * up without an exception when the stack ends while it compiles a regular expression.
 *
 * Brackets in quotes count as well: better one odd document too many.
 */
export function isDeepYaml(text: string): boolean {
  let level = 0;
  for (const character of text) {
    if (OPENING.includes(character)) level++;
    else if (CLOSING.includes(character)) level = Math.max(0, level - 1);
    if (level > MOST_LEVELS) return true;
  }
  return text.split('\n').some((line) => (line.match(COMPACT)?.length ?? 0) > MOST_LEVELS);
}
