import { type BlockStart, blockStart, closesFence, setextLevel } from './block-start.js';

/** What the reader's owner wants to know of: a heading (level 1 to 6) or a line of a paragraph (level 0). */
export type BlockSink = (level: number, line: number, start: number, end: number) => void;

interface Container {
  /** Columns that a line must be indented by to belong to the item; undefined for a quote. */
  readonly indent: number | undefined;
  readonly inner: BlockReader;
}

interface Span {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Lists and quotes inside each other beyond this are read as text, as a document of a million `>` must be. */
const MAX_DEPTH = 20;
const TABLE_DELIMITER = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/**
 * Follows the block structure of a Markdown document as its lines are fed to it, and tells its sink of the headings and
 * paragraph lines outside containers.
 *
 * @see https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy
 */
export class BlockReader {
  private readonly paragraph: Span[] = [];
  private fence: Extract<BlockStart, { type: 'fence' }> | null = null;
  private htmlEnd: RegExp | null = null;
  private container: Container | null = null;
  private inTable = false;

  constructor(
    private readonly sink: BlockSink | null,
    private readonly depth = 0,
  ) {}

  /**
   * Reads one line.
   *
   * @param text the line without its end
   * @param line its number
   * @param offset where it begins in the document
   */
  read(text: string, line: number, offset: number): void {
    const skip = blanksBefore(text);
    const blank = skip === text.length;
    const indent = blank ? 0 : indentation(text, skip);
    if (this.container && this.readContained(text, skip, blank, indent, line, offset)) return;
    this.container = null;

    if (this.fence) {
      if (indent < 4 && closesFence(text.slice(skip), this.fence.marker, this.fence.length)) this.fence = null;
      return;
    }
    if (this.htmlEnd) {
      if (this.htmlEnd.test(text)) this.htmlEnd = null;
      return;
    }
    if (blank) {
      this.endParagraph();
      return;
    }

    const inParagraph = this.hasOpenParagraph();
    if (indent >= 4) {
      if (inParagraph) this.addText(text, skip, line, offset);
      return;
    }
    const content = skip === 0 ? text : text.slice(skip);
    const level = this.paragraph.length > 0 && !this.inTable ? setextLevel(content) : 0;
    if (level > 0) {
      this.endHeading(level);
      return;
    }
    const start = blockStart(content, inParagraph);
    if (!start) {
      this.addText(text, skip, line, offset);
      return;
    }
    this.endParagraph();
    this.begin(start, content, indent, line, offset + skip);
  }

  /** Ends the document, or the container that this reader follows. */
  end(): void {
    this.endParagraph();
  }

  /** Tells whether a line of plain text would continue a paragraph here, however deep. */
  hasOpenParagraph(): boolean {
    return this.container ? this.container.inner.hasOpenParagraph() : this.paragraph.length > 0;
  }

  private readContained(
    text: string,
    skip: number,
    blank: boolean,
    indent: number,
    line: number,
    offset: number,
  ): boolean {
    const { indent: needed, inner } = this.container!;
    if (needed !== undefined && (blank || indent >= needed)) {
      inner.read(dedent(text, needed), line, offset);
      return true;
    }
    if (blank) return false;
    const start = indent < 4 ? blockStart(text.slice(skip), false) : undefined;
    if (needed === undefined && start?.type === 'quote') {
      inner.read(text.slice(skip + start.from), line, offset);
      return true;
    }
    return !start && inner.hasOpenParagraph();
  }

  private begin(start: BlockStart, content: string, indent: number, line: number, offset: number): void {
    switch (start.type) {
      case 'heading':
        this.sink?.(start.level, line, offset + start.from, offset + start.to);
        break;
      case 'fence':
        this.fence = start;
        break;
      case 'html':
        this.htmlEnd = start.closed ? null : start.end;
        break;
      case 'quote':
      case 'item':
        if (this.depth === MAX_DEPTH) break;
        this.container = {
          indent: start.type === 'item' ? indent + start.from : undefined,
          inner: new BlockReader(null, this.depth + 1),
        };
        this.container.inner.read(content.slice(start.from), line, offset);
    }
  }

  private addText(text: string, skip: number, line: number, offset: number): void {
    if (this.paragraph.length > 0 && text.includes('|') && TABLE_DELIMITER.test(text)) this.inTable = true;
    this.paragraph.push({ line, start: offset + skip, end: offset + text.trimEnd().length });
  }

  private endHeading(level: number): void {
    const first = this.paragraph[0]!;
    this.sink?.(level, first.line, first.start, this.paragraph.at(-1)!.end);
    this.paragraph.length = 0;
  }

  private endParagraph(): void {
    if (this.sink && !this.inTable) for (const { line, start, end } of this.paragraph) this.sink(0, line, start, end);
    this.paragraph.length = 0;
    this.inTable = false;
  }
}

function blanksBefore(text: string): number {
  let skip = 0;
  while (text[skip] === ' ' || text[skip] === '\t') skip++;
  return skip;
}

/** Columns of blanks before a line's content; a tab goes to the next multiple of four. */
function indentation(text: string, skip: number): number {
  let columns = 0;
  for (let i = 0; i < skip; i++) columns += text[i] === '\t' ? 4 - (columns % 4) : 1;
  return columns;
}

function dedent(text: string, columns: number): string {
  let column = 0;
  let i = 0;
  while (column < columns && (text[i] === ' ' || text[i] === '\t')) {
    column += text[i] === '\t' ? 4 - (column % 4) : 1;
    i++;
  }
  return ' '.repeat(Math.max(0, column - columns)) + text.slice(i);
}
