import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import {
  backup,
  checkExport,
  doctor,
  doctorRepository,
  exportMarkdown,
  fetch,
  fsck,
  gc,
  listArtifacts,
  listMembers,
  log,
  newArtifact,
  openRepository,
  planPull,
  pull,
  push,
  type Repository,
  readArtifact,
  readAudit,
  restoreRepository,
  runQueue,
  setState,
  status,
  undo,
  verifyAudit,
} from '../../../lib/index.js';
import { Developer } from '../../e2e/developer.js';
import { OTHER, pair, STORY } from '../../e2e/pair.js';
import { own, ROWS } from './operation-rows.js';

type Move = { name: string; before: string | null; after: string | null };

/** What was written into the audit since some entry, `operation: result` and the refs that moved. */
async function entriesSince(who: Developer, number: number) {
  const entries = await who.run((repo) => readAudit(repo, 'store'));
  return entries.filter((entry) => entry.number > number).reverse();
}

const headOf = (who: Developer) => who.run(({ store }) => store.audit.head()?.number ?? 0);

t.test('every sync operation has one entry: what it came to, who, where, and the refs that it moved', async (t) => {
  const { ada, ben } = await pair(t);
  const bringBack = keep(t, ada, ben);
  for (const { given, when, entry, moves = [] } of ROWS) {
    bringBack();
    await given?.(ada, ben);
    const before = await ada.run(({ store }) => store.refs.list());
    const last = await headOf(ada);
    await ada.run((repo) => Promise.resolve().then(() => when(repo, ada))).catch(() => {});
    const after = await ada.run(({ store }) => store.refs.list());
    const [written, ...others] = await entriesSince(ada, last);
    t.equal(written && `${written.action}: ${written.result}`, entry);
    t.equal(others.length, 0, `${entry}: once`);
    t.match(written, { who: 'ada', client: /^[0-9a-f-]{36}$/ }, `${entry}: who and where`);
    const expected = moves.map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
    t.strictSame(
      (written?.detail.refs as Move[] | undefined)?.toSorted(byName),
      expected.toSorted(byName),
      `${entry}: refs`,
    );
    t.notMatch(
      JSON.stringify([written?.detail, written?.actor]),
      /\bada\b|example|Secret/,
      `${entry}: nothing personal`,
    );
    t.match(await ada.run((repo) => verifyAudit(repo, 'store')), { problem: null }, `${entry}: a whole chain`);
  }
});

const byName = (a: Move, b: Move) => (a.name < b.name ? -1 : 1);

/** Keeps what people and their origin have, to begin anew from: cheaper than to make it again. */
function keep(t: Test, ada: Developer, ben: Developer): () => void {
  const folder = t.testdir();
  const names = ['agent.db', '.agent-sync-base', STORY, OTHER];
  const files = [ada, ben].flatMap((who) => names.map((name) => who.file(name))).concat(join(ada.root, 'origin.db'));
  for (const [i, file] of files.entries()) copyFileSync(file, join(folder, `${i}`));
  return () => {
    for (const who of [ada, ben]) {
      for (const name of ['plans', 'stories', 'agent.db-wal', 'agent.db-shm']) {
        rmSync(who.file(name), { recursive: true, force: true });
      }
      mkdirSync(dirname(who.file(STORY)), { recursive: true });
    }
    for (const [i, file] of files.entries()) copyFileSync(join(folder, `${i}`), file);
  };
}

t.test('who only looks is not in it', async (t) => {
  const { ada } = await pair(t);
  const last = await headOf(ada);
  const looks: ((repo: Repository) => unknown)[] = [
    status,
    (repo) => log(repo, {}),
    listArtifacts,
    (repo) => readArtifact(repo, 'SYNC-001'),
    checkExport,
    (repo) => fsck(repo.store),
    doctor,
    listMembers,
    planPull,
    (repo) => push(repo, { dryRun: true }),
    (repo) => fetch(repo, { dryRun: true }),
    (repo) => gc(repo, { dryRun: true }),
    (repo) => runQueue(repo),
    (repo) => readAudit(repo, 'store'),
    (repo) => verifyAudit(repo, 'store'),
    (repo) => verifyAudit(repo, 'origin'),
  ];
  for (const look of looks) await ada.run(look);
  t.equal(await headOf(ada), last);
});

t.test('two operations at once in one process are two entries', async (t) => {
  const { ada } = await pair(t);
  const last = await headOf(ada);
  await ada.run((repo) => Promise.all([fetch(repo), fetch(repo), pull(repo)]));
  const entries = await entriesSince(ada, last);
  t.strictSame(entries.map(({ action }) => action).sort(), ['fetch', 'fetch', 'pull']);
});

/** Changes a database past agent-sync, and past its triggers if they are in the way. */
function tamper(path: string, script: string): void {
  const db = new Database(path);
  try {
    db.exec(script);
  } finally {
    db.close();
  }
}

const UNGUARDED = 'drop trigger audit_update; drop trigger audit_delete; drop trigger audit_insert;';
const COPY = 'at, actor, action, result, detail, client, traceparent';

t.test('the table takes entries at its end and nothing else, whoever asks', async (t) => {
  const { ada } = await pair(t);
  const { number } = await ada.run(({ store }) => store.audit.head()!);
  const forged = (from: string) => `(number, ${COPY}, previous, hash) select ${from}, previous, hash from audit`;
  const rows: [string, string][] = [
    ['a change', `update audit set actor = 'x'`],
    ['a removal', 'delete from audit where number = 2'],
    ['a replacement', `insert or replace into audit ${forged(`2, ${COPY}`)} where number = 2`],
    ['an entry after a gap', `insert into audit ${forged(`${number + 2}, ${COPY}`)} where number = 1`],
    ['an entry that does not follow', `insert into audit ${forged(`${number + 1}, ${COPY}`)} where number = 1`],
  ];
  for (const [sentence, script] of rows) {
    t.throws(() => tamper(ada.file('agent.db'), script), /rows of audit/, `${sentence} is refused`);
  }
  t.match(await ada.run((repo) => verifyAudit(repo, 'store')), { entries: number, problem: null });
});

t.test('what was done to it past the triggers shows, and where', async (t) => {
  const { ada } = await pair(t);
  const pristine = join(t.testdir(), 'pristine.db');
  copyFileSync(ada.file('agent.db'), pristine);
  const { number: last } = await ada.run(({ store }) => store.audit.head()!);
  const rows: [string, string, RegExp | null][] = [
    ['an entry is changed', `update audit set result = 'done' where number = 2`, /^entry 2 was changed/],
    ['an entry is removed', 'delete from audit where number = 2', /^entry 2 is missing/],
    ['entries are removed at the end', 'delete from audit where number > 1', /^entr.* missing at the end/],
    [
      'entries change places',
      'update audit set number = -1 where number = 1; update audit set number = 1 where number = 2; update audit set number = 2 where number = -1',
      /^entry 1 was changed/,
    ],
    [
      'a forged entry is put at the end',
      `insert into audit select ${last + 1}, ${COPY}, hash, hash from audit where number = ${last}`,
      new RegExp(`^entry ${last + 1} was changed`),
    ],
    ['all is removed', 'delete from audit', /^entries 1 to \d+ are missing at the end/],
    // What docs/security.md says cannot be seen.
    [
      "entries are removed at the end, and SQLite's counter is set back: that does not show",
      `delete from audit where number > 1; update sqlite_sequence set seq = 1 where name = 'audit'`,
      null,
    ],
  ];
  for (const [sentence, script, shown] of rows) {
    for (const ending of ['-wal', '-shm']) rmSync(ada.file(`agent.db${ending}`), { force: true });
    copyFileSync(pristine, ada.file('agent.db'));
    tamper(ada.file('agent.db'), `${UNGUARDED} ${script}`);
    const { problem } = await ada.run((repo) => verifyAudit(repo, 'store'));
    t.match(problem?.message ?? null, shown, sentence);
    if (!shown) continue;
    const { problems } = await ada.run(({ store }) => fsck(store));
    t.match(problems, [{ area: 'audit', message: shown }], `${sentence}: fsck finds it, and nothing else`);
    const { findings } = await doctorRepository(ada.root, { env: ada.env, fix: true });
    t.match(findings, [{ check: 'audit', repair: null, fixed: false }], `${sentence}: so does doctor`);
  }
  await ada.run((repo) => backup(repo, join(ada.root, 'copy.db')));
  t.pass('and a backup is possible all the same');
});

t.test('gc, undo, backup and restore leave the chain whole', async (t) => {
  const { ada } = await pair(t);
  await own(ada);
  await ada.run((repo) => backup(repo, join(ada.root, 'copy.db')));
  await ada.run((repo) => undo(repo));
  const before = await ada.run((repo) => readAudit(repo, 'store'));
  await ada.run((repo) => gc(repo, { graceDays: 0 }));
  const after = await ada.run((repo) => readAudit(repo, 'store'));
  t.strictSame(after.slice(1), before, 'a gc removes nothing, and adds itself');
  await restoreRepository(ada.root, join(ada.root, 'copy.db'));
  const [restored, ...earlier] = await ada.run((repo) => readAudit(repo, 'store'));
  t.match(restored, {
    action: 'restore',
    result: 'done',
    detail: { replaced: { number: after[0]!.number, hash: after[0]!.hash } },
  });
  t.strictSame(
    earlier,
    before.slice(-earlier.length),
    "a restore goes on from the backup's end, and says what it replaced",
  );
  t.match(await ada.run((repo) => verifyAudit(repo, 'store')), { problem: null });
});

t.test('a store that cannot be written lets out what it has, and keeps no entry', async (t) => {
  const { ada } = await pair(t);
  const last = await headOf(ada);
  // Root may write whatever it likes, so that it is the table that refuses.
  tamper(
    ada.file('agent.db'),
    `create trigger locked before insert on audit begin select raise(abort, 'not now'); end`,
  );
  t.equal((await ada.run((repo) => exportMarkdown(repo, join(ada.root, 'elsewhere')))).written.length, 2);
  await own(ada);
  t.match(await ada.run((repo) => push(repo)), { status: 'pushed' });
  t.equal(await headOf(ada), last);
});

t.test('entries are found by time, by name and by id', async (t) => {
  const { ada } = await pair(t);
  const cleo = new Developer(t, 'cleo');
  // Somebody else, who works in the same folder.
  const repo = await openRepository(ada.root, { env: cleo.env });
  t.teardown(() => repo.close());
  await own(ada);
  await setState(repo, 'SYNC-001', 'COMMITTED');
  const entries = await readAudit(repo, 'store');
  const [newest] = entries;
  const read = (filter: Parameters<typeof readAudit>[2]) => readAudit(repo, 'store', filter);
  t.match(newest, { who: 'cleo', action: 'set-state' });
  t.strictSame(await read({ actor: 'cleo' }), [newest]);
  t.strictSame(await read({ actor: 'CLEO@example.org' }), [newest]);
  t.strictSame(await read({ actor: newest!.actor }), [newest]);
  t.strictSame(await read({ actor: 'nobody else' }), []);
  t.equal((await read({ actor: 'ada' })).length, entries.length - 1);
  t.strictSame(await read({ limit: 1 }), [newest]);
  t.equal((await read({ since: '2000-01-01T00:00:00Z' })).length, entries.length);
  t.strictSame(await read({ since: '2999-01-01T00:00:00Z' }), []);

  const { id } = repo.store.actors.findOwn('cleo', 'cleo@example.org')!;
  repo.store.actors.put({ id, name: '', email: '' });
  t.strictSame(
    (await read({ actor: id })).map(({ who }) => who),
    [id],
    'whoever is forgotten goes by an id',
  );
  t.match(await verifyAudit(repo, 'store'), { problem: null }, 'and the chain stays whole');
});

t.test('a file: origin keeps an audit too', async (t) => {
  const { ada, ben } = await pair(t);
  await ada.run((repo) => newArtifact(repo, { kind: 'story', title: 'New', prefix: 'SYNC' }));
  await own(ada);
  await ben.run((repo) => pull(repo));
  const entries = await ben.run((repo) => readAudit(repo, 'origin'));
  t.strictSame(
    entries.map(({ who, action, result }) => `${who} ${action} ${result}`).reverse(),
    ['register done', 'push accepted', 'issue-id done', 'push accepted'].map((rest) => `ada ${rest}`),
    'names are those that a fetch brought',
  );
  const { client } = entries[0]!;
  t.match(client, /^[0-9a-f-]{36} \d+\.\d+\.\d+/, 'it says which store asked, and with which version');
  t.match(await ben.run((repo) => verifyAudit(repo, 'origin')), { entries: 4, problem: null });
  const path = join(ada.root, 'origin.db');
  tamper(
    path,
    `${UNGUARDED} delete from audit where number > 2; update sqlite_sequence set seq = 2 where name = 'audit'`,
  );
  t.match(
    await ben.run((repo) => verifyAudit(repo, 'origin')),
    { problem: { number: 3, message: 'entries 3 to 4 are missing at the end' } },
    'who has seen a later end knows what is missing',
  );
  t.match(await ada.run((repo) => verifyAudit(repo, 'origin')), { problem: null }, 'who has not, does not');
});
