import { type BlockStart, blockStart, closesFence, setextLevel } from './block-start.js';
import { countCells, isDelimiterRow } from './table-row.js';

/** Told of a heading (level 1 to 6) or a line of a paragraph (level 0), and where in the document it stands. */
export type BlockSink = (level: number, line: number, start: number, end: number) => void;

/** A line of the document, or what of it lies within a container. */
interface Line {
  readonly text: string;
  readonly number: number;
  /** Where `text` begins in the document; at the top level only. */
  readonly offset: number;
  /** Blanks before the content, in characters and in columns. */
  readonly skip: number;
  readonly indent: number;
  readonly blank: boolean;
}

/** A quote or a list item. */
interface Container {
  readonly inner: BlockReader;
  /** Columns that a line must be indented by to belong to the item; undefined for a quote. */
  readonly indent: number | undefined;
  /** False while an item has only its marker: a blank line ends it. */
  begun: boolean;
}

type ContainerStart = Extract<BlockStart, { type: 'quote' | 'item' }>;

interface ContainerContent {
  readonly text: string;
  readonly column: number;
}

/** What lies in more lists and quotes than this is passed over, as a line of a million `>` must be. */
const MAX_DEPTH = 20;

/**
 * Follows the block structure of a Markdown document as its lines are fed to it, and tells its sink of the headings and
 * paragraph lines that stand in no list or quote.
 *
 * @see https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy
 * @see https://github.github.com/gfm/#tables-extension-
 */
export class BlockReader {
  private readonly paragraph: { readonly line: number; readonly start: number; readonly end: number }[] = [];
  private fence: Extract<BlockStart, { type: 'fence' }> | null = null;
  private htmlEnd: RegExp | null = null;
  private container: Container | null = null;
  private inTable = false;
  /** In the last line of the paragraph, which may turn out to head a table. */
  private cells = 0;

  constructor(
    private readonly sink: BlockSink | null,
    private readonly depth = 0,
  ) {}

  /**
   * Reads one line.
   *
   * @param text without the line's end
   * @param offset where it begins in the document
   */
  read(text: string, number: number, offset: number): void {
    const line = measure(text, number, offset);
    if (this.container) {
      if (this.readContained(line, this.container)) return;
      this.container = null;
    }
    if (this.fence) {
      const { marker, length } = this.fence;
      if (line.indent < 4 && closesFence(text.slice(line.skip), marker, length)) this.fence = null;
    } else if (this.htmlEnd) {
      if (this.htmlEnd.test(text)) this.htmlEnd = null;
    } else if (line.blank) {
      this.endParagraph();
    } else {
      this.readContent(line);
    }
  }

  /** The quotes and list items that the last line lies in, outermost first; each is one object for all of its lines. */
  get containers(): readonly Container[] {
    return this.container ? [this.container, ...this.container.inner.containers] : [];
  }

  /** Ends the document. */
  end(): void {
    this.endParagraph();
  }

  /** Tells whether a paragraph is open that a line of plain text would continue, however deep. */
  private hasOpenParagraph(): boolean {
    return this.container ? this.container.inner.hasOpenParagraph() : this.paragraph.length > 0;
  }

  private readContained(line: Line, container: Container): boolean {
    const { text, number, offset, skip, indent, blank } = line;
    const { inner, indent: needed } = container;
    if (needed !== undefined && (blank ? container.begun : indent >= needed)) {
      if (!blank) container.begun = true;
      inner.read(blank ? '' : ' '.repeat(indent - needed) + text.slice(skip), number, offset);
      return true;
    }
    if (blank) return false;
    const start = indent < 4 ? blockStart(text.slice(skip), false) : undefined;
    if (needed === undefined && start?.type === 'quote') {
      inner.read(contentAfter(line, start).text, number, offset);
      return true;
    }
    return !start && inner.hasOpenParagraph();
  }

  private readContent(line: Line): void {
    const inParagraph = this.paragraph.length > 0;
    if (line.indent >= 4) {
      if (inParagraph) this.addText(line);
      else this.inTable = false;
      return;
    }
    const content = line.text.slice(line.skip);
    const level = inParagraph ? setextLevel(content) : 0;
    const start = level > 0 ? undefined : blockStart(content, inParagraph);
    if (level > 0) {
      this.endHeading(level);
    } else if (start) {
      this.endParagraph();
      this.begin(start, line);
    } else {
      this.addText(line);
    }
  }

  private begin(start: BlockStart, line: Line): void {
    const from = line.offset + line.skip;
    switch (start.type) {
      case 'heading':
        this.sink?.(start.level, line.number, from + start.from, from + start.to);
        break;
      case 'fence':
        this.fence = start;
        break;
      case 'html':
        this.htmlEnd = start.closed ? null : start.end;
        break;
      case 'quote':
      case 'item': {
        if (this.depth === MAX_DEPTH) break;
        const content = contentAfter(line, start);
        this.container = {
          inner: new BlockReader(null, this.depth + 1),
          indent: start.type === 'item' ? content.column : undefined,
          begun: content.text !== '',
        };
        this.container.inner.read(content.text, line.number, line.offset);
      }
    }
  }

  private addText({ text, number, offset, skip }: Line): void {
    if (this.inTable) return;
    const cells = countCells(text);
    if (this.paragraph.length > 0 && cells > 0 && cells === this.cells && isDelimiterRow(text)) {
      this.paragraph.pop();
      this.endParagraph();
      this.inTable = true;
      return;
    }
    this.cells = cells;
    this.paragraph.push({ line: number, start: offset + skip, end: offset + text.trimEnd().length });
  }

  private endHeading(level: number): void {
    const first = this.paragraph[0]!;
    this.sink?.(level, first.line, first.start, this.paragraph.at(-1)!.end);
    this.paragraph.length = 0;
  }

  private endParagraph(): void {
    if (this.sink) for (const { line, start, end } of this.paragraph) this.sink(0, line, start, end);
    this.paragraph.length = 0;
    this.inTable = false;
  }
}

function measure(text: string, number: number, offset: number): Line {
  const { skip, columns } = blanksAt(text, 0, 0);
  return { text, number, offset, skip, indent: columns, blank: skip === text.length };
}

/**
 * What stands behind a container's marker, and the column that it begins in. One blank belongs to a quote's marker, up to
 * four to an item's; behind more of them, all but one indent code.
 */
function contentAfter({ text, skip, indent }: Line, { type, width }: ContainerStart): ContainerContent {
  const after = indent + width;
  const blanks = blanksAt(text, skip + width, after);
  const content = text.slice(skip + width + blanks.skip);
  if (content === '') return { text: '', column: after + 1 };
  const taken = blanks.columns > (type === 'item' ? 4 : 1) ? 1 : blanks.columns;
  return { text: ' '.repeat(blanks.columns - taken) + content, column: after + taken };
}

/** Counts the blanks at a place, in characters and in columns: a tab goes to the next multiple of four. */
function blanksAt(text: string, from: number, column: number): { readonly skip: number; readonly columns: number } {
  let at = column;
  let i = from;
  for (; text[i] === ' ' || text[i] === '\t'; i++) at += text[i] === '\t' ? 4 - (at % 4) : 1;
  return { skip: i - from, columns: at - column };
}
