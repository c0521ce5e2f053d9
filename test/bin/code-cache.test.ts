import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';

const CACHE = 'program.cjs.cache';

t.test('the command works with any code cache', async (t) => {
  const good = readFileSync(join(repoRoot, 'dist/bin', CACHE));
  const otherVersion = Buffer.from(good);
  // V8's version stands in the second word, as a hash.
  otherVersion.writeUInt32LE(~good.readUInt32LE(4) >>> 0, 4);
  const caches: readonly (readonly [string, Uint8Array | undefined])[] = [
    ['with its own', good],
    ['with none', undefined],
    ['with an empty one', new Uint8Array()],
    ['with half of one', good.subarray(0, good.length / 2)],
    ['with one of another V8', otherVersion],
    ['with something else', Buffer.from('not a cache')],
  ];
  // Inside of dist, where the packages that it needs are found.
  const folder = mkdtempSync(join(repoRoot, 'dist/agent-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repoRoot, 'dist/bin'), folder, { recursive: true });
  const run = () => execFileSync(join(folder, 'agent.js'), ['list', '--help'], { encoding: 'utf8' });
  const expected = run();
  t.match(expected, 'agent list');
  for (const [which, cache] of caches) {
    rmSync(join(folder, CACHE), { force: true });
    if (cache) writeFileSync(join(folder, CACHE), cache);
    t.equal(run(), expected, which);
  }
});
