/** Where the YAML before a document stands. */
export interface FrontmatterRange {
  /** The YAML itself, between the two lines of `---`. */
  readonly start: number;
  readonly end: number;
  /** Where the document goes on. */
  readonly next: number;
  /** The number of the closing line. */
  readonly lastLine: number;
}

const OPENING = /^\ufeff?---[ \t]*\r?\n/;
const CLOSING = /^---[ \t]*\r?$/gm;

/** Finds the frontmatter: from `---` on the first line to the next such line; undefined when either is missing. */
export function findFrontmatter(text: string): FrontmatterRange | undefined {
  const opening = OPENING.exec(text);
  if (!opening) return undefined;
  const start = opening[0].length;
  CLOSING.lastIndex = start;
  const closing = CLOSING.exec(text);
  if (!closing) return undefined;
  const end = closing.index;
  let lastLine = 2;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lastLine++;
  return { start, end, next: Math.min(text.length, end + closing[0].length + 1), lastLine };
}
