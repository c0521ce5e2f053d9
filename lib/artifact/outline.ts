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
  for (const line of readLines(text)) {
    next = line.next;
    reader.read(line.text, line.number, line.start);
    if (found.length > 0) yield* found.splice(0);
  }
  reader.end();
  yield* found;
}

/** A line of a document, and where it and the line after it begin. */
interface DocumentLine {
  /** Without the line's end. */
  readonly text: string;
  /** Counted from 1, frontmatter included. */
  readonly number: number;
  readonly start: number;
  readonly next: number;
}

/** Goes through the lines of a document that are Markdown: those after its frontmatter. */
export function* readLines(text: string): Generator<DocumentLine> {
  const frontmatter = findFrontmatter(text);
  let number = frontmatter ? frontmatter.lastLine + 1 : 1;
  let start = frontmatter?.next ?? (text.startsWith('\ufeff') ? 1 : 0);
  for (; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const next = Math.min(end + 1, text.length);
    yield { text: text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end), number, start, next };
    start = end + 1;
  }
}
