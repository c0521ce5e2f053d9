import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { isRefName, parseRefName } from '../../../lib/core/ref/ref-name.js';

function gitAccepts(name: string): boolean {
  return spawnSync('git', ['check-ref-format', name]).status === 0;
}

t.test('accepts what git check-ref-format accepts below refs/', async (t) => {
  const part = fc.constantFrom(
    ...['a', 'é', '-', '/', '/', '.', '..', '.lock', 'lock', '@', '{', '@{', '~', '^', ':', '?', '*', '[', ']', '\\'],
    ...[' ', '\t', '\n', '\u0001', '\u007f', '\u0080', '}', '"', 'heads/', 'refs/'],
  );
  const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `refs/${parts.join('')}`);
  fc.assert(
    fc.property(name, (text) => isRefName(text) === gitAccepts(text)),
    { numRuns: 400 },
  );
  t.pass('400 names');
});

t.test('refuses what is no full ref name, with a code', async (t) => {
  for (const text of [
    '',
    'main',
    'heads/main',
    '/refs/heads/main',
    'HEAD/x',
    'head',
    '@',
    'refs',
    'refs/',
    'refs/a\0b',
  ]) {
    t.throws(() => parseRefName(text), { code: 'REF_NAME_INVALID' }, JSON.stringify(text));
  }
  for (const text of ['HEAD', 'refs/heads/main', 'refs/remotes/origin/main']) t.equal(parseRefName(text), text);
});
