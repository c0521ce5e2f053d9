/** Holds our table of tokens to what secretlint's recommended rules find: all of it, and in the same places. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import t from 'tap';
import { PRIVACY_DEFAULTS } from '../../lib/core/privacy-settings.js';
import { libraries } from '../../lib/libraries.js';
import { scrub } from '../../lib/privacy/scrub.js';
import { repoRoot, sharedPath } from '../paths.js';

type Range = readonly [start: number, end: number];

/** What the rules report of a Markdown file; none of them waits for anything there. */
function reported(text: string): { rule: string; range: Range }[] {
  const found: { rule: string; range: Range }[] = [];
  for (const rule of rules) {
    const context = {
      createTranslator: () => () => ({ message: '', messageId: '', data: {} }),
      report: ({ range }: { range: Range }) => found.push({ rule: rule.meta.id, range }),
      ignore: () => {},
    };
    const source = {
      content: text,
      filePath: 'story.md',
      ext: '.md',
      contentType: 'text',
      indexToPosition: () => ({ line: 1, column: 0 }),
    };
    rule.create(context as never, {} as never).file?.(source as never);
  }
  return found;
}

t.test('whatever secretlint finds is found here', async (t) => {
  const rows: { detector: string; text: string }[] = JSON.parse(
    readFileSync(join(repoRoot, 'fixtures/privacy/true-values.json'), 'utf8'),
  );
  const letters = 'Ab3dE9fGh1JkLmN0pQrS7tUvWxYz2C4d5E6fG8hIjK';
  const long = letters.repeat(9);
  const more = [
    ['sk-', long.slice(0, 20), 'T3Blbk', 'FJ', long.slice(5, 25)],
    ['sk-', 'proj-', long.slice(0, 74), 'T3Blbk', 'FJ', long.slice(3, 77)],
    ['sk-', 'ant-api03-', long.slice(0, 93), 'AA'],
    ['shp', 'ca_', long.slice(0, 32)],
    ['xox', 'p-', '217304958612-217304958613-', long.slice(0, 24)],
    ['AWS_SECRET_ACCESS_KEY=', long.slice(0, 40)],
    ['mysql://app:', 'zK9mQ4xLw7', '@db.acme.com/app'],
    ['https://svc:', 'qP7vT3nZ', '@git.acme.org/x.git'],
  ].map((parts) => parts.join(''));
  const texts = [
    ...rows.filter(({ detector }) => detector === 'secret').map(({ text }) => text.replace(/[⟦⟧·]/g, '')),
    ...more,
  ];
  const byRule = new Map<string, number>();
  for (const text of texts) {
    const { findings } = scrub(text, 'stories/X/X-1.md', PRIVACY_DEFAULTS, libraries);
    for (const { rule, range } of reported(text)) {
      byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
      const isFound = findings.some(({ start, end }) => start < range[1] && range[0] < end);
      t.ok(isFound, `${rule}: ${text.slice(range[0], range[0] + 6)}…`);
    }
  }
  t.ok(byRule.size >= 10, `${byRule.size} of its rules had something to find`);
});

const corpus = sharedPath('corpus', 'agentic-dev');

t.test(
  'and in the real artifacts neither finds a secret',
  { skip: corpus ? false : 'shared/ is not here' },
  async (t) => {
    const files = readdirSync(corpus!, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
    const found = files.flatMap((name) => reported(readFileSync(join(corpus!, name), 'utf8')));
    t.strictSame(found, []);
  },
);
