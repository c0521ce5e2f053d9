/** What a line begins, by the block rules of CommonMark; `width` is that of a container's marker. */
export type BlockStart =
  | { readonly type: 'heading'; readonly level: number; readonly from: number; readonly to: number }
  | { readonly type: 'fence'; readonly marker: string; readonly length: number }
  | { readonly type: 'html'; readonly end: RegExp; readonly closed: boolean }
  | { readonly type: 'break' }
  | { readonly type: 'quote'; readonly width: number }
  | { readonly type: 'item'; readonly width: number };

const HEADING = /^(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^(`{3,})[^`]*$|^(~{3,})/;
const BREAK = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const ITEM = /^(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)/;
const SETEXT = /^(?:(=+)|-+)[ \t]*$/;
const BLANK = /^[ \t]*$/;

const HTML_NAMES =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|' +
  'fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|' +
  'menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|' +
  'track|ul';
const HTML_ATTRIBUTE = `[ \\t]+[A-Za-z_:][\\w.:-]*(?:[ \\t]*=[ \\t]*(?:[^ \\t"'=<>\`]+|'[^']*'|"[^"]*"))?`;

/** The seven kinds of HTML block: how one begins, how it ends, and whether it can end a paragraph. */
const HTML: readonly (readonly [begin: RegExp, end: RegExp, interrupts: boolean])[] = [
  [/^<(?:script|pre|style|textarea)(?=[ \t>]|$)/i, /<\/(?:script|pre|style|textarea)>/i, true],
  [/^<!--/, /-->/, true],
  [/^<\?/, /\?>/, true],
  [/^<![a-z]/i, />/, true],
  [/^<!\[CDATA\[/, /\]\]>/, true],
  [new RegExp(`^</?(?:${HTML_NAMES})(?=[ \\t]|/?>|$)`, 'i'), BLANK, true],
  [
    new RegExp(`^<(?:[a-z][a-z0-9-]*(?:${HTML_ATTRIBUTE})*[ \\t]*/?|/[a-z][a-z0-9-]*[ \\t]*)>[ \\t]*$`, 'i'),
    BLANK,
    false,
  ],
];

/** Which characters can begin anything but a paragraph. */
const MARKERS = new Set('#`~<>-+*_0123456789');

/**
 * Tells which block a line begins, or undefined when it is text.
 *
 * @param line without its indentation, which must be less than four columns
 * @param inParagraph whether a paragraph is open, which some blocks cannot end
 * @see https://spec.commonmark.org/0.31.2/#leaf-blocks
 */
export function blockStart(line: string, inParagraph: boolean): BlockStart | undefined {
  const marker = line[0]!;
  if (!MARKERS.has(marker)) return undefined;
  switch (marker) {
    case '#':
      return heading(line);
    case '`':
    case '~': {
      const fence = FENCE.exec(line);
      return fence ? { type: 'fence', marker, length: (fence[1] ?? fence[2]!).length } : undefined;
    }
    case '<':
      return html(line, inParagraph);
    case '>':
      return { type: 'quote', width: 1 };
    default:
      return BREAK.test(line) ? { type: 'break' } : item(line, inParagraph);
  }
}

/** The level of the heading that a line makes of the paragraph above it, or 0. */
export function setextLevel(line: string): number {
  if (line[0] !== '=' && line[0] !== '-') return 0;
  const underline = SETEXT.exec(line);
  return underline ? (underline[1] ? 1 : 2) : 0;
}

/** Tells whether a line, without its indentation, ends the code that `length` times `marker` began. */
export function closesFence(line: string, marker: string, length: number): boolean {
  let count = 0;
  while (line[count] === marker) count++;
  return count >= length && BLANK.test(line.slice(count));
}

function heading(line: string): BlockStart | undefined {
  const opening = HEADING.exec(line);
  if (!opening) return undefined;
  const from = opening[0].length;
  return { type: 'heading', level: opening[1]!.length, from, to: from + contentLength(line.slice(from).trimEnd()) };
}

/** Hashes at the end belong to the content only if no blank stands before them. */
function contentLength(content: string): number {
  let end = content.length;
  while (content[end - 1] === '#') end--;
  const closed = end === 0 || content[end - 1] === ' ' || content[end - 1] === '\t';
  return closed ? content.slice(0, end).trimEnd().length : content.length;
}

function html(line: string, inParagraph: boolean): BlockStart | undefined {
  for (const [begin, end, interrupts] of HTML) {
    if (begin.test(line) && (interrupts || !inParagraph)) return { type: 'html', end, closed: end.test(line) };
  }
  return undefined;
}

function item(line: string, inParagraph: boolean): BlockStart | undefined {
  const marker = ITEM.exec(line);
  if (!marker) return undefined;
  const width = marker[0].length;
  const interrupts = (marker[1] === undefined || Number(marker[1]) === 1) && !BLANK.test(line.slice(width));
  return inParagraph && !interrupts ? undefined : { type: 'item', width };
}
