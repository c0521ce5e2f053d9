import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Nodes, RootContent } from 'mdast';
import t from 'tap';
import { readListItems } from '../../lib/artifact/list-items.js';
import { readHeadings, readOutline } from '../../lib/artifact/outline.js';
import { parseMarkdown } from '../../lib/artifact/parse.js';
import { isArtifactPath } from '../../lib/artifact/path.js';
import { sharedPath } from '../paths.js';
import { documents } from './random-documents.js';

/** Headings and paragraph lines at the top level, as `level@line text`, by the quick reader. */
function quick(text: string): string[] {
  return [...readOutline(text)].map((line) => `${line.level}@${line.line} ${line.text}`);
}

/** The same by remark, which parses the whole document. */
function thorough(text: string): string[] {
  return parseMarkdown(text).children.flatMap((node) => linesOf(node, text));
}

function linesOf(node: RootContent, text: string): string[] {
  if (node.type !== 'heading' && node.type !== 'paragraph') return [];
  const [first, last] = [node.children[0], node.children.at(-1)];
  const source = first && last ? text.slice(first.position!.start.offset, last.position!.end.offset) : '';
  const line = node.position!.start.line;
  if (node.type === 'heading') return [`${node.depth}@${line} ${source}`];
  return source.split(/\r?\n/).map((content, i) => `0@${line + i} ${content.trim()}`);
}

/** Where the items of lists begin and, at the top level, end, by the quick reader. */
function quickItems(text: string): string[] {
  return readListItems(text).map(({ start, end, top }) => (top ? `${start + 1} to ${end}` : `${start + 1}`));
}

/** The same by remark; blank lines at the end of an item are none of it. */
function* thoroughItems(node: Nodes, lines: readonly string[], top = true): Generator<string> {
  if (node.type === 'listItem') {
    const { start, end } = node.position!;
    const last = lines.slice(0, end.line).findLastIndex((line) => line.trim() !== '') + 1;
    yield top ? `${start.line} to ${last}` : `${start.line}`;
  }
  if (!('children' in node)) return;
  const within = top && (node.type === 'root' || node.type === 'list');
  for (const child of node.children) yield* thoroughItems(child, lines, within);
}

/** Remark takes 10 ms a file: AGENT_TEST_FULL=1 is for those who changed the reader. */
const FULL = process.env.AGENT_TEST_FULL === '1';

t.test('the quick reader sees the headings and paragraphs that remark sees, in any mixture of blocks', async () => {
  fc.assert(
    fc.property(documents, (text) => assert.deepEqual(quick(text), thorough(text))),
    { numRuns: FULL ? 20_000 : 800, includeErrorInReport: true },
  );
});

t.test('and the same items of lists', async () => {
  fc.assert(
    // Remark says of an item whose code is never closed that it goes on to the line after.
    fc.property(
      documents.map((text) => text.replaceAll(/```|~~~/g, 'code')),
      (text) => assert.deepEqual(quickItems(text), [...thoroughItems(parseMarkdown(text), text.split('\n'))]),
    ),
    { numRuns: FULL ? 20_000 : 800, includeErrorInReport: true },
  );
});

const corpus = sharedPath('corpus', 'agentic-dev');
const stride = FULL ? 1 : 5;
t.test('and in real artifacts', { skip: corpus ? false : 'shared/corpus is not here' }, async (t) => {
  const paths = readdirSync(corpus!, { recursive: true, encoding: 'utf8' }).filter(isArtifactPath).sort();
  const different = paths
    .filter((_, i) => i % stride === 0)
    .filter((path) => {
      const text = readFileSync(join(corpus!, path), 'utf8');
      return !isDeepStrictEqual(quick(text), thorough(text));
    });
  t.equal(paths.length, 340);
  t.strictSame(different, []);
});

t.test('what CommonMark says of headings holds', async (t) => {
  const table: [says: string, text: string, headings: string[]][] = [
    ['a heading is closed by hashes after a blank only', '# a #\n# b#\n# #\n', ['1@1 a', '1@2 b#', '1@3 ']],
    ['code ends with a fence as long as the first', '````\n```\n# no\n````\n# yes\n', ['1@5 yes']],
    ['code ends with its list', '- a\n  ```\n  # no\n# yes\n', ['1@4 yes']],
    ['code that is never closed goes on to the end', '~~~\n# no\n', []],
    ['a paragraph is underlined as a whole', 'a\nb\n---\n', ['2@1 a\nb']],
    ['a line of hyphens below a list underlines nothing', '- a\nb\n---\n', []],
    ['nor below a table', '| a |\n|---|\n| b |\n---\n', []],
    ['frontmatter has no headings', '---\n# no\n---\n# yes\n', ['1@4 yes']],
    ['frontmatter that is never closed is none', '---\n# yes\n', ['1@2 yes']],
    ['lists inside each other for ever do no harm', `${'- '.repeat(100_000)}\n# yes\n`, ['1@2 yes']],
  ];
  for (const [says, text, headings] of table) {
    const found = readHeadings(text).map((line) => `${line.level}@${line.line} ${line.text}`);
    t.strictSame(found, headings, says);
  }
});
