import { isScalar, LineCounter, parseDocument } from 'yaml';
import { isDeepYaml } from '../core/yaml-nesting.js';
import { findFrontmatter } from './frontmatter-range.js';

/** One value of the frontmatter. */
export interface FrontmatterValue {
  /** As text; undefined for a list or a map. */
  readonly value: string | undefined;
  /** Where its key begins in the document. */
  readonly keyStart: number;
  /** Counted from 1, in the document. */
  readonly line: number;
  /** Where the value, with its quotes, begins and ends in the document. */
  readonly start: number;
  readonly end: number;
}

/** The frontmatter of a document. */
export interface Frontmatter {
  /** By key in lowercase. */
  readonly values: ReadonlyMap<string, FrontmatterValue>;
  /** The first thing wrong with the YAML, if any. */
  readonly error: { readonly line: number; readonly message: string } | undefined;
}

/** In characters. */
const MAX_LENGTH = 16 * 1024;

/** Reads the top level of a document's frontmatter; undefined when it has none. Aliases are never expanded. */
export function readFrontmatter(text: string): Frontmatter | undefined {
  const range = findFrontmatter(text);
  if (!range) return undefined;
  if (range.end - range.start > MAX_LENGTH) {
    return {
      values: new Map(),
      error: { line: 1, message: `the frontmatter is longer than ${MAX_LENGTH} characters` },
    };
  }
  const lines = new LineCounter();
  const source = text.slice(range.start, range.end);
  if (isDeepYaml(source)) {
    return { values: new Map(), error: { line: 1, message: 'the frontmatter is nested too deep' } };
  }
  const yaml = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number) => lines.linePos(offset).line + 1;

  const values = new Map<string, FrontmatterValue>();
  const root = yaml.contents;
  if (root && 'items' in root) {
    for (const pair of root.items) {
      if (!('key' in pair) || !isScalar(pair.key) || !pair.value || typeof pair.value !== 'object') continue;
      const node = pair.value;
      const [from, to] = trimRange(source, ('range' in node && node.range) || [0, 0]);
      values.set(String(pair.key.value).toLowerCase(), {
        keyStart: range.start + (pair.key.range?.[0] ?? from),
        value: isScalar(node) && node.value !== null ? String(node.value) : undefined,
        line: lineOf(from),
        start: range.start + from,
        end: range.start + to,
      });
    }
  }
  const error = yaml.errors[0];
  return { values, error: error && { line: lineOf(error.pos[0]), message: error.message } };
}

/** YAML counts the line end after a block scalar as part of it. */
function trimRange(source: string, [from, to]: readonly [number, number, ...number[]]): [number, number] {
  return [from, from + source.slice(from, to).trimEnd().length];
}
