import type { Sides } from '../../core/merge/combine.js';

/** A text, and what it ends in: nothing, or the end of its last line and blank lines. */
export interface EndedText {
  readonly text: string;
  readonly ending: string;
}

/** Cuts off what a text ends in. */
export function cutEnding(text: string): EndedText {
  const content = text.trimEnd().length;
  const newline = text.indexOf('\n', content);
  if (newline < 0) return { text, ending: '' };
  const end = newline > content && text[newline - 1] === '\r' ? newline - 1 : newline;
  return { text: text.slice(0, end), ending: text.slice(end) };
}

/** What a merged text ends in: as the side that changed it; undefined when both did. */
export function mergeEndings({ base, ours, theirs }: Sides<string>): string | undefined {
  if (ours === theirs || base === theirs) return ours;
  return base === ours ? theirs : undefined;
}

/** How the lines of some texts end; undefined when not all end the same way. */
export function commonLineEnd(texts: readonly string[]): string | undefined {
  const inCrlf = texts.some((text) => text.includes('\r\n'));
  if (!inCrlf) return '\n';
  return texts.every((text) => !/(?<!\r)\n/.test(text)) ? '\r\n' : undefined;
}
