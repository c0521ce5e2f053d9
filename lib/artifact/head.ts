import { type Frontmatter, type FrontmatterValue, readFrontmatter } from './frontmatter.js';
import { type OutlineLine, readOutline } from './outline.js';
import { isStateHeading, readStateLine, readStateText } from './state-text.js';

/** A state, or what stands in its place, with its place in the document. */
export interface FoundState {
  /** As written; null when what stands there is no state. */
  readonly state: string | null;
  /** What stands there: the state, or the whole of an unreadable value; empty below a heading without a value. */
  readonly text: string;
  /** Counted from 1; the heading's when its section is empty. */
  readonly line: number;
  /** Where `text` begins and ends in the document, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly inFrontmatter: boolean;
}

/** What is known of a document from its frontmatter and the lines down to its state. */
export interface Head {
  readonly title: OutlineLine | undefined;
  /** The state that the frontmatter or the document itself gives. */
  readonly state: FoundState | undefined;
  /** Without a state of its own: the first one, in capitals, that a section of it gives for itself. */
  readonly stateOfSection: FoundState | undefined;
  /** With a state in the frontmatter: the one in the text. */
  readonly stateInText: FoundState | undefined;
  readonly frontmatter: Frontmatter | undefined;
}

/**
 * Reads title and state.
 *
 * The title is the first heading of level 1, or a first heading of level 2. A state is the document's own when no other
 * heading than the title stands over it: a plan may list the states of its child stories.
 */
export function readHead(text: string): Head {
  const frontmatter = readFrontmatter(text);
  const inFrontmatter = stateOfFrontmatter(frontmatter, text);
  const sections: number[] = [];
  let title: OutlineLine | undefined;
  let first = true;
  let own: FoundState | undefined;
  let ofSection: FoundState | undefined;

  for (const line of readOutline(text)) {
    if (line.level === 0) {
      const found = own ? undefined : stateOfLine(line);
      if (sections.length === 0) own ??= found;
      else ofSection ??= inCapitals(found);
    } else {
      const names = isStateHeading(line.text);
      if (!title && !names && (line.level === 1 || (line.level === 2 && first))) {
        title = line;
      } else {
        while (sections.length > 0 && sections.at(-1)! >= line.level) sections.pop();
        if (names && sections.length === 0) own ??= stateBelow(line, text);
        else if (names && !ofSection) ofSection = inCapitals(stateBelow(line, text));
        sections.push(line.level);
      }
      first = false;
    }
    if (title && own) break;
  }
  return {
    title,
    state: inFrontmatter ?? own,
    stateOfSection: ofSection,
    stateInText: inFrontmatter ? own : undefined,
    frontmatter,
  };
}

/** Deep in a text, `Status: 200 OK` and `Status: see below` are prose. */
function inCapitals(found: FoundState | undefined): FoundState | undefined {
  return found?.state && /^[A-Z_]+$/.test(found.state) ? found : undefined;
}

function stateOfLine(line: OutlineLine): FoundState | undefined {
  const found = readStateLine(line.text);
  return found && place(found, line.text, line.line, line.start);
}

/** The first line below a heading that is not blank, unless it is the next heading. */
function stateBelow(heading: OutlineLine, text: string): FoundState {
  let line = heading.line + countNewlines(text, heading.start, heading.next);
  for (let at = heading.next; at < text.length; line++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(at, end).trim();
    if (/^#{1,6}\s/.test(content)) break;
    if (content !== '') {
      const start = text.indexOf(content, at);
      return place(readStateText(content), content, line, start);
    }
    at = end + 1;
  }
  return { state: null, text: '', line: heading.line, start: heading.next, end: heading.next, inFrontmatter: false };
}

function stateOfFrontmatter(frontmatter: Frontmatter | undefined, text: string): FoundState | undefined {
  const value: FrontmatterValue | undefined = frontmatter?.values.get('state') ?? frontmatter?.values.get('status');
  if (!value) return undefined;
  const state = value.value === undefined ? null : readStateText(value.value).state;
  const { line, start, end } = value;
  const quotes = /^(["']).+\1$/s.test(text.slice(start, end)) ? 1 : 0;
  const written = { start: start + quotes, end: end - quotes };
  return { state, text: text.slice(written.start, written.end), line, ...written, inFrontmatter: true };
}

function place(
  found: { readonly state: string | null; readonly from: number; readonly to: number },
  content: string,
  line: number,
  start: number,
): FoundState {
  const text = content.slice(found.from, found.to);
  return { state: found.state, text, line, start: start + found.from, end: start + found.to, inFrontmatter: false };
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
