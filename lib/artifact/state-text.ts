/** A state as it stands in a text; `from` and `to` are relative to the text. */
export interface StateText {
  /** Null when the text is no state. */
  readonly state: string | null;
  readonly from: number;
  readonly to: number;
}

const DECORATION = /^(?:[\s*_`~>:|+-]|\p{Extended_Pictographic}|\ufe0f)*/u;
const WORDS = /^[A-Za-z]+(?:[_ -][A-Za-z]+){0,3}/;
const REMARK = /^[*_`~]*\s*(?:$|[(,;:–—#]|\.(?:\s|$)|- |<!--|\p{Extended_Pictographic})/u;
const LABELLED = /^[*_`]*(?:state|status)[*_`]*\s*:[*_`]*/i;
const LABEL = /^[*_`]*(?:state|status)[*_`]*(?:\s+:?[*_`]*|:[*_`]*)?$/i;

/**
 * Reads a state: up to four words, with emphasis, an emoji or a remark around it left out.
 *
 * `REVIEW_NEEDED`, `In Progress`, `**DONE**` and `COMMITTED (pending)` are states; `COMMITTED-002-002` and
 * `DRAFT | DONE` are none.
 */
export function readStateText(text: string): StateText {
  const from = DECORATION.exec(text)![0].length;
  const words = WORDS.exec(text.slice(from))?.[0];
  if (words && REMARK.test(text.slice(from + words.length))) return { state: words, from, to: from + words.length };
  return { state: null, from: 0, to: text.trimEnd().length };
}

/** Reads `Status: X`, `**Status**: X`, `**Status: X**` and the same with `State`; undefined for any other line. */
export function readStateLine(text: string): StateText | undefined {
  const label = LABELLED.exec(text)?.[0].length;
  if (label === undefined) return undefined;
  const { state, from, to } = readStateText(text.slice(label));
  return { state, from: label + from, to: label + to };
}

/** Tells whether a heading says that the state comes next. */
export function isStateHeading(text: string): boolean {
  return LABEL.test(text);
}
