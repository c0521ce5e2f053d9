import { BlockReader } from './block-reader.js';
import { findFrontmatter } from './frontmatter-range.js';

/** A heading, or a line of a paragraph, that stands in no list, quote or code. */
export interface OutlineLine {
  /** 1 to 6 for a heading, 0 for a line of a paragraph. */
  readonly level: number;
  /** The content as written, without markers and surrounding blanks. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** Where `text` begins and ends in the document, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** For a heading: where the line after it begins. */
  readonly next: number;
}

/** Lists the headings that stand in no list or quote. */
export function readHeadings(text: string): OutlineLine[] {
  return [...readOutline(text)].filter((line) => line.level > 0);
}

/**
 * Goes through a Markdown document so that whoever has seen enough can stop: a full parse costs a hundred times more.
 *
 * It follows the block rules of CommonMark as far as they decide what is a heading or a paragraph at the top level.
 */
export function* readOutline(text: string): Generator<OutlineLine> {
  const found: OutlineLine[] = [];
  let next = 0;
  const reader = new BlockReader((level, line, start, end) => {
    found.push({ level, text: text.slice(start, end), line, start, end, next });
  });
  const frontmatter = findFrontmatter(text);
  let line = frontmatter ? frontmatter.lastLine + 1 : 1;
  let at = frontmatter?.next ?? (text.startsWith('\ufeff') ? 1 : 0);
  for (; at < text.length; line++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    next = Math.min(end + 1, text.length);
    reader.read(text.slice(at, end > at && text[end - 1] === '\r' ? end - 1 : end), line, at);
    if (found.length > 0) yield* found.splice(0);
    at = end + 1;
  }
  reader.end();
  yield* found;
}
