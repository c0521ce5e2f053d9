/** Documents and configurations that would keep a reader busy for ever, or take the process down with it. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isDeepYaml } from '../../../lib/core/yaml-nesting.js';
import { bombs } from './bombs.js';

interface Line {
  readonly what: string;
  readonly verdicts: Readonly<Record<string, string>>;
  readonly spared: { readonly large: boolean; readonly small: boolean };
}

t.test('each is read or refused, by whoever reads it', async (t) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./read-bombs.js', import.meta.url))]);
  t.teardown(() => child.kill());
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.equal(err, '', 'nothing is said by the way');
  const lines = out
    .split('\n')
    .filter(Boolean)
    .map((line): Line => JSON.parse(line));
  t.strictSame(
    lines.map(({ what }) => what),
    Object.keys(bombs(100)),
    'the process came to its end',
  );
  for (const { what, verdicts } of lines) {
    const wrong = Object.entries(verdicts).filter(([, verdict]) => !/^(read|[A-Z][A-Z_]+)$/.test(verdict));
    t.strictSame(wrong, [], what);
  }
  t.ok(lines.filter(({ spared }) => spared.large).length > 40, 'a full parser is spared the large ones');
  const small = lines.filter(({ spared }) => !spared.small).length;
  t.ok(small > 20, `it parses ${small} smaller ones`);
});

t.test('YAML is too deep by the levels that are open, and not by those that were', async (t) => {
  const levels = (n: number, unit: string, step: number) =>
    Array.from({ length: n }, (_, i) => ' '.repeat(step * i) + unit).join('\n');
  const rows: readonly [what: string, text: string, isDeep: boolean][] = [
    ['200 lists, each on a line', levels(200, '-', 1), false],
    ['201 of them', levels(201, '-', 1), true],
    ['201 maps whose keys are longer than their indentation', levels(201, 'long:', 1), true],
    ['201 lists whose lines end as on Windows', levels(201, '-', 1).replaceAll('\n', '\r\n'), true],
    ['empty lines between do not end them', levels(201, '-\n', 1), true],
    [
      'a line further to the left ends those to its right only',
      `${levels(150, '-', 1)}\n${levels(202, '-', 1).slice(levels(149, '-', 1).length + 1)}`,
      true,
    ],
    ['150 lists with 51 brackets in the last', `${levels(150, '-', 1)} ${'['.repeat(51)}`, true],
    ['a thousand maps beside each other', 'a:\n  - b: c\n'.repeat(1000), false],
    ['a thousand pairs of brackets', 'a: [{b: c}]\n'.repeat(1000), false],
  ];
  for (const [what, text, isDeep] of rows) t.equal(isDeepYaml(text), isDeep, what);
});
