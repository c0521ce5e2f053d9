import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { ERROR_CODES, type ErrorCode } from '../../lib/core/errors.js';
import { type Ran, runAll, Shell } from './shell.js';

const STORY = '# WEB-001: Search\n\n## State\n\nDRAFT\n\n## Problem Statement\n\nNobody finds anything.\n';
const PATH = '.agent/cache/stories/WEB/WEB-001-search.md';

/** A project with one story, committed. */
async function project(t: Test, env: Record<string, string> = {}): Promise<Shell> {
  const shell = new Shell(t, { env: { SUPABASE_USER: 'Ada <ada@example.org>', ...env } });
  mkdirSync(shell.path('.agent/cache/stories/WEB'), { recursive: true });
  writeFileSync(shell.path(PATH), STORY);
  const { code, err } = await shell.run('agent sync init && agent sync import');
  if (code !== 0) throw new Error(err);
  return shell;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function raiseVersion(file: string): void {
  const database = new Database(file);
  database.pragma('user_version = 999');
  database.close();
}

/** One paragraph: what happened, the code, what to do; no stack, and nothing where the answer would be. */
function checkFailure(t: Test, line: string, { code, out, err }: Ran, fails: ErrorCode, says: readonly string[]): void {
  t.equal(code, ERROR_CODES[fails], `${line}: exit code`);
  t.equal(out, '', `${line}: nothing on standard output`);
  t.match(err, new RegExp(`^fatal: (.|\\n)+ \\[${fails}\\]\\n(hint: .+\\n)*$`), `${line}: one paragraph, ${fails}`);
  for (const text of says) t.ok(err.includes(text), `${line}: says '${text}'`, { err });
}

t.test('names of what is not there', async (t) => {
  const shell = await project(t);
  await runAll(
    shell,
    [
      {
        line: 'agent show WEB-999',
        fails: 'ARTIFACT_UNKNOWN',
        says: ["there is no artifact 'WEB-999'", "'agent list'"],
      },
      { line: 'agent edit WEB-999 --file /dev/null', fails: 'ARTIFACT_UNKNOWN', says: [] },
      { line: 'agent set-state WEB-999 DONE', fails: 'ARTIFACT_UNKNOWN', says: [] },
      { line: 'agent rm plan/WEB-001', fails: 'ARTIFACT_UNKNOWN', says: [] },
      { line: 'agent sync log WEB-999', fails: 'ARTIFACT_UNKNOWN', says: [] },
      { line: 'agent sync show HEAD:plans/WEB/WEB-001.md', fails: 'ARTIFACT_UNKNOWN', says: ['is not in HEAD'] },
      { line: 'agent sync show HEAD~9', fails: 'REVISION_UNKNOWN', says: ["'agent sync log'"] },
      { line: 'agent sync show deadbeef', fails: 'REVISION_UNKNOWN', says: ["'deadbeef'"] },
      { line: 'agent sync diff origin/main', fails: 'REVISION_UNKNOWN', says: ["'agent sync fetch'"] },
      { line: "agent sync show 'HEAD:../../../etc/passwd'", fails: 'ARTIFACT_UNKNOWN', says: [] },
      { line: 'agent set-state WEB-001 FINISHED', fails: 'ARTIFACT_INVALID', says: ["cannot be 'FINISHED'", 'DONE'] },
      { line: 'agent sync resolve WEB-001 --ours', fails: 'MERGE_NOT_IN_PROGRESS', says: [] },
      { line: 'agent sync merge --continue', fails: 'MERGE_NOT_IN_PROGRESS', says: [] },
      { line: 'agent sync merge --abort', fails: 'MERGE_NOT_IN_PROGRESS', says: [] },
      { line: 'agent sync watch --timeout 5', fails: 'USAGE', says: ["'--once'"] },
      { line: 'agent sync watch --interval 0', fails: 'USAGE', says: ['--interval'] },
      { line: 'agent sync purge', fails: 'USAGE', says: ['--actor', '--matching', 'agent sync log'] },
      { line: 'agent sync purge --content', fails: 'USAGE', says: ['--actor'] },
    ] as const,
    ({ line, fails, says }, ran) => checkFailure(t, line, ran, fails, says),
  );
  t.equal(readFileSync(shell.path(PATH), 'utf8'), STORY);
});

t.test('files that are no artifacts', async (t) => {
  const shell = await project(t);
  const before = (await shell.run('agent sync log --json')).out;
  writeFileSync(shell.path('big'), '');
  truncateSync(shell.path('big'), 100 * 1024 * 1024);
  writeFileSync(shell.path('latin1.md'), Buffer.from('# WEB-001: Caf\xe9\n', 'latin1'));
  writeFileSync(shell.path('stateless.md'), '# WEB-001: Search\n');
  symlinkSync('/etc', shell.path('.agent/cache/stories/etc'));
  await runAll(
    shell,
    [
      { line: 'agent sync import /etc/passwd', fails: 'PATH_OUTSIDE_CACHE', says: ["'/etc/passwd' is not below"] },
      { line: 'agent sync import .agent/cache/stories/../../../big', fails: 'PATH_OUTSIDE_CACHE', says: [] },
      { line: 'agent sync import .agent/cache/stories/etc/passwd', fails: 'PATH_OUTSIDE_CACHE', says: [] },
      {
        line: 'agent sync import .agent/cache/stories/WEB/none.md',
        fails: 'FILE_NOT_FOUND',
        says: ['nothing was imported'],
      },
      { line: 'agent sync import - --path ../x.md < latin1.md', fails: 'PATH_OUTSIDE_CACHE', says: ["'../x.md'"] },
      { line: 'agent sync import - --path stories/WEB/x.txt < latin1.md', fails: 'PATH_OUTSIDE_CACHE', says: [] },
      { line: 'agent sync import - --path stories/WEB/x.md < latin1.md', fails: 'FILE_NOT_UTF8', says: [] },
      { line: 'agent sync import - --path stories/WEB/x.md < big', fails: 'FILE_TOO_LARGE', says: ['standard input'] },
      { line: 'agent edit WEB-001 --file nowhere', fails: 'FILE_NOT_FOUND', says: ["there is no file 'nowhere'"] },
      { line: 'agent edit WEB-001 --file .', fails: 'FILE_UNREADABLE', says: ["cannot read '.'"] },
      { line: 'agent edit WEB-001 --file big', fails: 'FILE_TOO_LARGE', says: ["'big'"] },
      { line: 'agent edit WEB-001 --file latin1.md', fails: 'FILE_NOT_UTF8', says: [] },
      { line: 'agent edit WEB-001 --file stateless.md', fails: 'ARTIFACT_INVALID', says: ['WEB-001-search.md:1: '] },
      { line: 'agent sync export --to big', fails: 'FILE_UNREADABLE', says: ['not a directory'] },
      { line: 'agent sync export --git .', fails: 'LOCAL_CHANGES', says: [] },
    ] as const,
    ({ line, fails, says }, ran) => checkFailure(t, line, ran, fails, says),
  );

  const bad = '.agent/cache/stories/WEB/WEB-002-bad.md';
  writeFileSync(shell.path(bad), Buffer.from('# WEB-002: Caf\xe9\n', 'latin1'));
  checkFailure(t, 'a file that is not UTF-8', await shell.run('agent sync import'), 'FILE_NOT_UTF8', [
    'WEB-002-bad.md',
  ]);
  truncateSync(shell.path(bad), 100 * 1024 * 1024);
  const large = await shell.run('agent sync import');
  checkFailure(t, 'a file of 100 MB', large, 'FILE_TOO_LARGE', ['104857600 bytes', 'WEB-002-bad.md']);
  t.equal((await shell.run('agent sync log --json')).out, before, 'nothing of all that was committed');
});

t.test('work on disk is not overwritten', async (t) => {
  const shell = await project(t);
  writeFileSync(shell.path(PATH), `${STORY}\nUnsaved thoughts.\n`);
  await runAll(
    shell,
    [
      { line: 'agent sync export', fails: 'LOCAL_CHANGES', says: ['WEB-001-search.md', "'agent sync import'"] },
      { line: 'agent rm WEB-001', fails: 'LOCAL_CHANGES', says: ["'agent sync import'"] },
      { line: 'agent set-state WEB-001 DONE', fails: 'LOCAL_CHANGES', says: ["'agent sync import'"] },
    ] as const,
    ({ line, fails, says }, ran) => checkFailure(t, line, ran, fails, says),
  );
  t.match(readFileSync(shell.path(PATH), 'utf8'), 'Unsaved thoughts.');
});

t.test('an editor that fails, and a text that cannot be taken', async (t) => {
  const shell = await project(t);
  const kept = (err: string) => /(?:kept in|text is in) (\S+?)[;,]/.exec(err)![1]!;
  checkFailure(t, 'no editor', await shell.run('agent edit WEB-001'), 'USAGE', ['Set EDITOR']);
  checkFailure(t, 'editor fails', await shell.run('EDITOR=false agent edit WEB-001'), 'EDITOR_FAILED', ["'false'"]);

  const nonsense = await shell.run(`EDITOR='sed -i s/DRAFT/NONSENSE/' agent edit WEB-001`);
  checkFailure(t, 'invalid text', nonsense, 'ARTIFACT_INVALID', ['WEB-001-search.md:5: ', 'NONSENSE']);
  t.equal(readFileSync(kept(nonsense.err), 'utf8'), STORY.replace('DRAFT', 'NONSENSE'), 'what was typed is kept');

  writeFileSync(shell.path('editor'), `${shell.agent} set-state WEB-001 DONE >/dev/null\nsed -i s/finds/sees/ "$1"\n`);
  const raced = await shell.run(`EDITOR='sh editor' agent edit WEB-001`);
  checkFailure(t, 'changed meanwhile', raced, 'REF_CHANGED', ['was changed while it was being edited']);
  t.match(readFileSync(kept(raced.err), 'utf8'), 'sees anything', 'what was typed is kept');
  t.match((await shell.run('agent show WEB-001')).out, /DONE(.|\n)*finds anything/, 'and so is the change');
});

t.test('sync.yaml', async (t) => {
  const shell = await project(t);
  const write = (text: string) => writeFileSync(shell.path('.agent/etc/sync.yaml'), text);
  for (const [text, ...says] of [
    ['version: 1\norigin: {url: "http://127.0.0.1:9"\n', 'sync.yaml:3:1: '],
    ['version: 1\norigin:\n  url: ftp://example.org\n  project: web\n', 'sync.yaml:3:8: url must be'],
    ['version: 1\norigin:\n  url: file:x.db\n  projekt: web\n', 'sync.yaml:4:3: ', 'project'],
    ['version: 2\n', 'sync.yaml:1:10: version must be 1'],
    [
      `version: 1\norigin:\n  url: file:x.db\n  project: web\n  key_env: eyJhbGciOiJ.eyJyb2xlIjoi.c2ln\n`,
      'looks like a key',
    ],
  ] as const) {
    write(text);
    const ran = await shell.run('agent sync fetch');
    checkFailure(t, text, ran, 'CONFIG_INVALID', says);
    t.notMatch(ran.err, 'eyJhbGciOiJ', 'a secret in the file is not repeated');
  }
});

t.test('a store that cannot be used', async (t) => {
  const shell = await project(t);
  const file = shell.path('.agent/cache/agent.db');
  const good = readFileSync(file);
  const damage: readonly (readonly [string, () => void, ErrorCode, readonly string[]])[] = [
    ['truncated', () => truncateSync(file, 5000), 'STORE_CORRUPT', ['is damaged', 'keep it', 'agent sync pull']],
    ['something else', () => writeFileSync(file, 'hello'), 'STORE_CORRUPT', ['is not a database of agent-sync']],
    ['newer', () => raiseVersion(file), 'STORE_TOO_NEW', ['schema version 999', 'newer agent-sync']],
  ];
  for (const [what, breakIt, fails, says] of damage) {
    writeFileSync(file, good);
    breakIt();
    const broken = readFileSync(file);
    const rows = ['status', 'import', 'init', 'fsck'].map((name) => ({ line: `agent sync ${name}` }));
    await runAll(shell, rows, ({ line }, ran) => checkFailure(t, `${what}: ${line}`, ran, fails, says));
    t.ok(broken.equals(readFileSync(file)), `${what}: left as it was`);
  }
});

t.test('an origin that is not there', async (t) => {
  const key = 'sb_publishable_secret';
  const [without, keyless, down] = [await project(t), await project(t), await project(t, { SUPABASE_ANON_KEY: key })];
  const rows = [
    'agent sync fetch',
    'agent sync pull',
    'agent sync push --dry-run',
    'agent sync members',
    "agent new-story 'More' --prefix WEB",
  ].map((line) => ({ line }));
  await runAll(without, [...rows, { line: 'agent sync watch' }], ({ line }, ran) =>
    checkFailure(t, `none: ${line}`, ran, 'ORIGIN_NOT_CONFIGURED', ["'agent sync init --origin URL'"]),
  );

  const url = `http://127.0.0.1:${await closedPort()}`;
  const init = `agent sync init --origin ${url}`;
  const says = [url, 'SUPABASE_ANON_KEY', 'SUPABASE_ACCESS_TOKEN'];
  checkFailure(t, 'no key', await keyless.run(init), 'ORIGIN_KEY_MISSING', says);

  checkFailure(t, 'down: init', await down.run(init), 'ORIGIN_UNREACHABLE', [url]);
  await runAll(down, rows, ({ line }, ran) => {
    checkFailure(t, `down: ${line}`, ran, 'ORIGIN_UNREACHABLE', [url, 'Everything local works']);
    t.notMatch(ran.err, key, 'no key in messages');
  });
  const local = await down.run('agent set-state WEB-001 DONE && agent sync log --oneline && agent sync status');
  t.equal(local.code, 0, 'everything local works');
  t.match(local.out, 'Set WEB-001 to DONE');
});

t.test('a failure as a document', async (t) => {
  const shell = await project(t);
  const { code, out, err } = await shell.run('agent show WEB-999 --json');
  t.equal(code, 128);
  t.strictSame(JSON.parse(out), {
    error: {
      code: 'ARTIFACT_UNKNOWN',
      message: "there is no artifact 'WEB-999'",
      hint: "'agent list' shows what there is.",
      retry: 'person',
    },
  });
  t.match(err, 'fatal: ', 'people read it too');
  t.equal(JSON.parse((await shell.run('agent show --json')).out).error.code, 'USAGE');
});
