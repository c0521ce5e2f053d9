/** Holds docs/security.md to the tests that it names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from './paths.js';

const PARTIES = [
  'Anonymous',
  'Stranger',
  'Reader',
  'Writer',
  'Owner',
  'Former member',
  'Hostile origin',
  'Stolen laptop',
  'Operator',
];

const [, parties = '', rest = ''] =
  /\n## Parties\n(.*)\n## Not defended\n(.*)/s.exec(readFileSync(join(repoRoot, 'docs/security.md'), 'utf8')) ?? [];
const rows = parties.split('\n').filter((line) => line.startsWith('|') && !/^\|(-|.*\| mechanism \|)/.test(line));

t.test('every party has its lines, and what is not defended is said', async (t) => {
  const headings = [...parties.matchAll(/^### ([A-Z].*)$/gm)].map(([, heading]) => heading!);
  const missing = PARTIES.filter((party) => !headings.some((heading) => heading.startsWith(party)));
  t.same(missing, []);
  t.ok(rows.length > 30);
  t.ok(rest.split('\n- **').length > 5);
});

t.test('behind every line stands a mechanism, and a test that is there', async (t) => {
  for (const row of rows) {
    const [, , , mechanism = '', test = ''] = row.split('|').map((cell) => cell.trim());
    t.not(mechanism, '', row);
    const named = [...test.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path]) => path!);
    t.ok(named.length > 0, `${row}: names a test`);
    t.same(
      named.filter((path) => !existsSync(join(repoRoot, path))),
      [],
      `${row}: which is there`,
    );
  }
});
