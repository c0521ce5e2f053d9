import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';

const AGENT = join(repoRoot, 'dist/bin/agent.js');

t.test('what few commands need is read only by those', async (t) => {
  const cwd = t.testdir();
  const loaded = join(cwd, 'loaded.txt');
  const hook = join(cwd, 'hook.cjs');
  writeFileSync(
    hook,
    `const Module = require('node:module');
    const { appendFileSync } = require('node:fs');
    const load = Module._load;
    Module._load = function (request, ...rest) {
      appendFileSync(${JSON.stringify(loaded)}, request + '\\n');
      return load.call(this, request, ...rest);
    };`,
  );
  const env = { ...process.env, HOME: cwd, SUPABASE_USER: 'Ada <ada@example.org>', NODE_OPTIONS: `--require ${hook}` };
  /** The names of the scripts in `dist/bin/apart` that a command line reads. */
  const apart = (...argv: string[]) => {
    writeFileSync(loaded, '');
    execFileSync(process.execPath, [AGENT, ...argv], { cwd, env, stdio: 'pipe' });
    const requests = readFileSync(loaded, 'utf8').split('\n');
    return requests.flatMap((request) => /\/apart\/(.*)\.cjs$/.exec(request)?.[1] ?? []);
  };
  const story = '.agent/cache/stories/WEB/WEB-001-search.md';
  mkdirSync(join(cwd, '.agent/cache/stories/WEB'), { recursive: true });
  writeFileSync(join(cwd, story), '# WEB-001: Search\n\n## State\n\nDRAFT\n');
  apart('sync', 'init');
  const rows: [readonly string[], readonly string[]][] = [
    [['sync', 'import'], []],
    [['sync', 'status'], []],
    [['sync', 'conflicts'], []],
    [['list'], []],
    [['show', 'WEB-001', '--json'], ['parse-artifact']],
  ];
  for (const [argv, expected] of rows) t.strictSame(apart(...argv), expected, `agent ${argv.join(' ')}`);
  writeFileSync(join(cwd, '.agent/cache/stories/WEB/WEB-002-call.md'), 'Tel. +49 1512 3456789\n');
  t.strictSame(apart('sync', 'status'), ['phones'], 'agent sync status, of a file that may hold a telephone number');
});
