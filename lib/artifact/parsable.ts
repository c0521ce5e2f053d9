/** In characters: what a parser of all Markdown needs some seconds for at most, however it is written. Real documents have a tenth. */
const LONGEST = 128 * 1024;
/** A parser compares each of these in a paragraph with each other. */
const MOST_DELIMITERS = 5_000;
const DELIMITER = /[*_~[\]<&`]/g;
/** Cells in a row, and quotes or lists in each other on one line: a parser calls itself for each. */
const MOST_CELLS = 1_000;
const MOST_CONTAINERS = 100;
const CONTAINERS = /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]))*/;
const CONTAINER = />|[-+*.)][ \t]/g;

/**
 * Tells whether a full parser of Markdown comes to an end with a text in bounded time: many constructs in one paragraph take it
 * the square of their number, and many in each other more of the stack than there is.
 */
export function isParsable(text: string): boolean {
  if (text.length > LONGEST) return false;
  let delimiters = 0;
  for (const line of text.split('\n')) {
    delimiters = line.trim() === '' ? 0 : delimiters + count(line, DELIMITER);
    if (delimiters > MOST_DELIMITERS || count(line, /\|/g) > MOST_CELLS) return false;
    if (count(CONTAINERS.exec(line)![0], CONTAINER) > MOST_CONTAINERS) return false;
    // A list goes deeper with each line that is indented further.
    if (line.length - line.trimStart().length > 2 * MOST_CONTAINERS && line.trim() !== '') return false;
  }
  return true;
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
