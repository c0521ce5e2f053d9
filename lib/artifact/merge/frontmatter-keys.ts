import { readFrontmatter } from '../frontmatter.js';
import type { Named } from './document.js';

/** An anchor or an alias, by which one key may depend on another. */
const REFERENCE = /(?:^|[\s,[{:-])[&*]\S/;

/**
 * The keys of a document's frontmatter, each with the lines of its value and the comments above it; none unless it is
 * plain YAML with every key at the start of a line.
 */
export function frontmatterKeys(text: string): Named[] {
  const frontmatter = readFrontmatter(text);
  if (!frontmatter || frontmatter.error) return [];
  const values = [...frontmatter.values].sort(([, a], [, b]) => a.keyStart - b.keyStart);
  const keys: Named[] = [];
  for (const [name, { keyStart, end }] of values) {
    if (text[keyStart - 1] !== '\n' || REFERENCE.test(text.slice(keyStart, end))) return [];
    keys.push({ name, start: keys.at(-1)?.end ?? 1, end: lineOf(text, end) + 1 });
  }
  return keys;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length - 1;
}
