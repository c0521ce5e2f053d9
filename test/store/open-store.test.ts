import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import t from 'tap';
import { readCommit } from '../../lib/core/object/read.js';
import { openStore } from '../../lib/store/open-store.js';
import { APPLICATION_ID, MIGRATIONS } from '../../lib/store/schema.js';
import { translateSqliteError } from '../../lib/store/sqlite-error.js';

const MAIN = 'refs/heads/main';

function startWriter(...args: string[]): ChildProcess {
  const script = fileURLToPath(new URL('./writer.js', import.meta.url));
  // Without tap's own hooks, which make each start slower.
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawn(process.execPath, [script, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Waits until the process has printed `word`. */
async function said(child: ChildProcess, word: string): Promise<void> {
  let output = '';
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.includes(word)) return;
  }
  throw new Error(`the process ended without saying '${word}'`);
}

/** Makes a database by hand. */
function database(path: string, sql: string): void {
  const file = new Database(path);
  file.exec(sql);
  file.close();
}

t.test('what is no usable store is refused, and left as it is', async (t) => {
  const dir = t.testdir();
  const at = (name: string) => join(dir, name);
  openStore(at('good'), { create: true }).close();
  const good = readFileSync(at('good'));
  writeFileSync(at('empty'), '');
  writeFileSync(at('text'), '# Not a database\n'.repeat(500));
  writeFileSync(at('half a header'), good.subarray(0, 60));
  writeFileSync(at('truncated'), good.subarray(0, good.length / 2));
  writeFileSync(at('overwritten'), Buffer.concat([good.subarray(0, 100), Buffer.alloc(good.length - 100, 'x')]));
  database(at('other'), 'create table invoices (id)');
  database(at('browser'), 'pragma application_id = 7');
  writeFileSync(at('newer'), good);
  database(at('newer'), `pragma user_version = ${MIGRATIONS.length + 4}`);

  const refused: [name: string, code: string, says: RegExp][] = [
    ['missing', 'NOT_A_REPOSITORY', /no store at .*missing/],
    ['empty', 'NOT_A_REPOSITORY', /is empty/],
    ['text', 'STORE_CORRUPT', /not a database/],
    ['half a header', 'STORE_CORRUPT', /damaged|not a database/],
    ['truncated', 'STORE_CORRUPT', /is damaged/],
    ['overwritten', 'STORE_CORRUPT', /damaged|not a database/],
    ['other', 'STORE_CORRUPT', /of another program/],
    ['browser', 'STORE_CORRUPT', /of another program/],
    ['newer', 'STORE_TOO_NEW', new RegExp(`version ${MIGRATIONS.length + 4}.* up to ${MIGRATIONS.length}`)],
    ['.', 'STORE_FAILED', /cannot be opened/],
  ];
  for (const [name, code, says] of refused) {
    const path = name === '.' ? dir : at(name);
    const isFile = existsSync(path) && name !== '.';
    const before = isFile ? readFileSync(path) : undefined;
    t.throws(() => openStore(path), { code, message: says, hint: /\w/ }, name);
    t.throws(() => openStore(path), { message: new RegExp(path) }, `${name}: the message names the file`);
    if (before) t.ok(readFileSync(path).equals(before), `${name} is not changed`);
  }
  for (const [name, code] of refused.slice(2, 9)) {
    t.throws(() => openStore(at(name), { create: true }), { code }, `${name}, even when a store may be made`);
  }
  t.equal(existsSync(at('missing')), false, 'nothing is made unasked');
  t.throws(() => openStore(at('no folder/agent.db'), { create: true }), { code: 'STORE_FAILED', message: /folder/ });
  openStore(at('empty'), { create: true }).close();
  t.equal(
    openStore(at('empty')).refs.head(),
    MAIN,
    'an empty file, as a creation cut short leaves it, is made a store',
  );
});

t.test('a store opened again is not changed', async (t) => {
  const path = join(t.testdir(), 'agent.db');
  openStore(path, { create: true }).close();
  const before = readFileSync(path);
  openStore(path, { create: true }).close();
  t.ok(readFileSync(path).equals(before));
  t.equal(before.readUInt32BE(68), APPLICATION_ID, 'file(1) can tell it by the header');
});

t.test('a failure of SQLite reaches the user in words', async (t) => {
  const path = join(t.testdir(), 'agent.db');
  const store = openStore(path, { create: true, busyTimeoutMs: 20 });
  const other = new Database(path);
  other.exec('begin immediate');
  t.throws(() => store.settings.set('a', 'b'), { code: 'STORE_BUSY', message: new RegExp(path) });
  t.throws(() => store.transact(() => t.fail('must not run')), { code: 'STORE_BUSY' });
  t.equal(store.settings.get('a'), undefined, 'reading goes on meanwhile');
  other.exec('rollback');
  store.settings.set('a', 'b');
  t.equal(store.settings.get('a'), 'b');
  other.close();
  store.close();

  for (const [result, code] of [
    ['SQLITE_FULL', 'STORE_FAILED'],
    ['SQLITE_READONLY_DBMOVED', 'STORE_FAILED'],
    ['SQLITE_IOERR_WRITE', 'STORE_FAILED'],
    ['SQLITE_CORRUPT_INDEX', 'STORE_CORRUPT'],
  ] as const) {
    t.match(translateSqliteError(new Database.SqliteError('detail', result), path), { code, message: path }, result);
  }
  const own = new RangeError('a bug');
  t.equal(translateSqliteError(own, path), own, 'what is not from SQLite stays what it is');
});

for (const [journal, commits] of [
  ['wal', 20],
  ['rollback', 5],
] as const) {
  t.test(`ten processes make one store at once and write to it, and nothing is lost (${journal})`, async (t) => {
    const dir = t.testdir();
    const path = join(dir, 'agent.db');
    const writers = Array.from({ length: 10 }, (_, i) =>
      startWriter('append', path, journal, `writer-${i}`, `${commits}`),
    );
    const exits = writers.map((writer) => once(writer, 'exit'));
    await Promise.all(writers.map((writer) => said(writer, 'ready')));
    for (const writer of writers) writer.stdin!.end('\n');
    t.strictSame(new Set((await Promise.all(exits)).map(([status]) => status)), new Set([0]));

    const store = openStore(path);
    const messages: string[] = [];
    for (let oid = store.refs.get(MAIN); oid; ) {
      const commit = readCommit(store.objects, oid);
      messages.push(commit.message);
      oid = commit.parents[0];
    }
    const expected = writers.flatMap((_, writer) => Array.from({ length: commits }, (_, i) => `writer-${writer}.${i}`));
    t.strictSame(messages.toSorted(), expected.toSorted(), 'every commit is in the history, once');
    t.strictSame(
      store.refs.reflog(MAIN).map((entry) => entry.message),
      messages,
      'the log says the same',
    );
    t.strictSame(store.integrityProblems(), []);
    t.equal(existsSync(`${path}-wal`), journal === 'wal');
    store.close();
    t.strictSame(readdirSync(dir), ['agent.db'], 'no other file is left');
  });
}

t.test('kill -9 in the middle of a transaction leaves the store as it was before', async (t) => {
  const path = join(t.testdir(), 'agent.db');
  const first = startWriter('append', path, 'wal', 'first', '1');
  first.stdin!.end('\n');
  await once(first, 'exit');
  const before = openStore(path);
  const [head, last] = [before.refs.get('HEAD'), before.objects.lastSequence()];
  before.close();

  const victim = startWriter('hang', path);
  await said(victim, 'inside');
  victim.kill('SIGKILL');
  await once(victim, 'exit');

  const store = openStore(path, { busyTimeoutMs: 0 });
  t.ok(head);
  t.equal(store.refs.get('HEAD'), head);
  t.equal(store.objects.lastSequence(), last);
  t.equal(store.refs.reflog(MAIN).length, 1);
  t.strictSame(store.integrityProblems(), []);
  store.settings.set('the lock', 'is free');
  store.close();
});
