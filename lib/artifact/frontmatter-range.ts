/** Where the YAML before a document stands. */
export interface FrontmatterRange {
  /** The YAML itself, between the two lines of `---`. */
  readonly start: number;
  readonly end: number;
  /** Where the document goes on. */
  readonly next: number;
  /** The number of the closing line, counted from 1. */
  readonly lastLine: number;
}

const FIRST_FENCE = /^\ufeff?---[ \t]*\r?\n/;
const FENCE = /---[ \t]*\r?(?:\n|$)/y;

/** Finds the frontmatter: from `---` on the first line to the next such line; undefined when either is missing. */
export function findFrontmatter(text: string): FrontmatterRange | undefined {
  const start = FIRST_FENCE.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  let lastLine = 2;
  for (let at = start; at < text.length; lastLine++) {
    FENCE.lastIndex = at;
    if (FENCE.test(text)) return { start, end: at, next: FENCE.lastIndex, lastLine };
    const newline = text.indexOf('\n', at);
    if (newline < 0) break;
    at = newline + 1;
  }
  return undefined;
}
