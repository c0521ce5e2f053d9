/** Documents and configurations that would keep a reader busy for ever, or take the process down with it. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
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
