/** What a purge comes to in a project with a file for an origin, or with none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { parseErasure } from '../../../lib/core/erasure/erasure-record.js';
import { tombstoneOf } from '../../../lib/core/erasure/tombstone.js';
import { hashObject } from '../../../lib/core/object/oid.js';
import {
  abortMerge,
  backup,
  exportGit,
  exportMarkdown,
  fetch,
  fsck,
  importArtifacts,
  listArtifacts,
  log,
  planPull,
  pull,
  purge,
  push,
  type Repository,
  removeArtifact,
  restoreRepository,
  SyncError,
  status,
  trustOrigin,
  undo,
} from '../../../lib/index.js';
import { Shell } from '../../cli/shell.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { OTHER, pair, STORY } from '../../e2e/pair.js';

const SECRET = 'the walrus keeps the ledger under the ice';
const HERS = 'stories/SYNC/SYNC-003-hers.md';

/** Ben has pulled a Story that only Ada wrote. */
async function withHers(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  ada.write(HERS, storyText('SYNC-003', 'Hers', [SECRET, 'Two.', 'Three.']));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  return { ada, ben };
}

const purgeAda =
  (options: object = {}) =>
  (repo: Repository) =>
    purge(repo, { actor: 'ada@example.org', content: true, ...options });

const problemsOf = (who: Developer) => who.run((repo) => fsck(repo.store).problems);
const oidAt = (who: Developer, path: string) => who.run((repo) => repo.store.index.get(path)!.oid);
const isShown = (text: string) => text.startsWith('[erased] ');

/** Files of the store in which a text stands as it is. */
function storeFilesWith(who: Developer, text: string): string[] {
  const folder = who.file('');
  return readdirSync(folder).filter(
    (name) => name.startsWith('agent.db') && readFileSync(join(folder, name)).includes(text),
  );
}

t.test(
  'only what nobody else wrote goes, also where it was moved, and what was made of it by others stays',
  async (t) => {
    const { ada, ben } = await withHers(t);
    ben.write('stories/SYNC/SYNC-004-moved.md', ben.read(HERS));
    await ben.run(importArtifacts);
    ben.edit(STORY, 'Two.', 'Two, by Ben.');
    await ben.run(importArtifacts);
    const story = ben.read(STORY);
    ada.edit(HERS, 'Two.', 'Two, pushed since.');
    await ada.run(importArtifacts);
    await ada.run(push);
    const planned = await ben.run(purgeAda({ dryRun: true }));
    const paths = planned.blobs.map(({ path }) => path).sort();
    t.same(paths, [STORY, OTHER, HERS, HERS], 'the first versions, what Ben only copied, and what only the origin has');
    const done = await ben.run(purgeAda());
    t.same(
      [done.here, done.origin, done.blobs],
      [planned.here, planned.origin, planned.blobs],
      'a dry run says what then goes',
    );
    t.equal(ben.read(STORY), story, "Ben's version stays");
    t.ok(isShown(ben.read(HERS)));
    t.equal(ben.read('stories/SYNC/SYNC-004-moved.md'), ben.read(HERS), 'of both copies nothing is left');
    t.same(await problemsOf(ben), []);
    await ada.run(pull);
    t.same(await problemsOf(ada), []);
  },
);

t.test('a text is erased wherever it stands, whoever wrote it, and is not told to the shell', async (t) => {
  const { ben } = await withHers(t);
  ben.edit(OTHER, 'Three.', `Three: ${SECRET}`);
  await ben.run(importArtifacts);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  const ran = await shell.run(`printf '%s\\n' '${SECRET}' | agent sync purge --matching - --yes`);
  t.match(ran, { code: 0, out: /Gone here: 2 versions/ }, ran.err);
  t.ok(isShown(ben.read(HERS)) && isShown(ben.read(OTHER)));
  t.match(ben.read(STORY), 'One.');
  t.same(storeFilesWith(ben, SECRET), []);
  t.match(await shell.run(`printf abc | agent sync purge --matching -`), { code: 129, err: /4 characters or more/ });
  t.match(await shell.run('agent sync purge --yes'), { code: 129 });
  t.match(await shell.run('agent sync purge --actor nobody-here'), { code: 128, err: /\[ACTOR_UNKNOWN\]/ });
});

t.test('what cannot go is told: paths, messages, and the words of others', async (t) => {
  const { ben } = await withHers(t);
  ben.write('stories/SYNC/SYNC-005-ada-said.md', storyText('SYNC-005', 'Said', ['Ask ada.']));
  await ben.run(importArtifacts);
  const { remains } = await ben.run(purgeAda({ dryRun: true }));
  t.match(remains, { paths: ['stories/SYNC/SYNC-005-ada-said.md'], messages: [String], versions: 1 });
});

t.test('logs of commands that name her do so no longer', async (t) => {
  const { ben } = await withHers(t);
  const shell = new Shell(t, { folder: ben.root, env: ben.env });
  await shell.run("agent new-story 'What ada wants' --prefix SYNC --draft");
  t.match((await shell.run('agent sync op log')).out, 'ada');
  await shell.run('agent sync purge --actor ada --yes');
  const { out } = await shell.run('agent sync op log');
  t.notMatch(out, /\bada\b/);
  t.match(out, /new-story 'What \[erased\] wants'/);
  t.match(
    await shell.run('agent sync undo'),
    { code: 0 },
    'where no contents were erased, what was done can still be undone',
  );
});

t.test('a file that was edited and not imported is left as it is, and told', async (t) => {
  const { ben, ada } = await withHers(t);
  ben.edit(HERS, 'Two.', 'Two, not imported.');
  await ada.run(purgeAda());
  const { erased } = await ben.run((repo) => fetch(repo));
  t.match(erased, { edited: [HERS], finished: true });
  t.match(ben.read(HERS), 'Two, not imported.');
  t.match(await ben.run(status), { disk: [{ path: HERS, change: 'modified' }] });
});

t.test('a merge with erased versions loses nothing without a word, and brings nothing back', async (t) => {
  const { ada, ben } = await withHers(t);
  const cleo = new Developer(t, 'cleo');
  await cleo.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
  await cleo.run(pull);
  ben.edit(HERS, SECRET, 'Rewritten by Ben.');
  await ben.run(importArtifacts);
  await ben.run(push);
  cleo.edit(HERS, 'Three.', 'Three, by Cleo.');
  await cleo.run(importArtifacts);
  await ben.run(purgeAda());
  t.match(
    await cleo.run(pull),
    { merged: { status: 'conflicted', conflicts: [{ path: HERS }] } },
    'nobody can tell who changed what',
  );
  t.match(cleo.read(HERS), /by Cleo\.(.|\n)*Rewritten by Ben\./);
  await cleo.run(abortMerge);

  // An erased version that nobody changed gives way.
  await ada.run(pull);
  ada.write(STORY, storyText('SYNC-001', 'One', ['New.']));
  await ada.run(importArtifacts);
  await ada.run(push);
  t.match(await ben.run(pull), { merged: { status: 'fast-forward' } });
  t.match(ben.read(STORY), 'New.');
});

t.test(
  'a clone that is in the middle of a merge follows at once, and its file is clean when that is done',
  async (t) => {
    const { ada, ben } = await withHers(t);
    ben.edit(STORY, 'One.', 'One, by Ben.');
    ben.write(HERS, storyText('SYNC-003', 'Hers', ['All new.']));
    await ben.run(importArtifacts);
    ada.edit(STORY, 'One.', 'One, by Ada.');
    ada.edit(HERS, 'Two.', 'Two, once more.');
    await ada.run(importArtifacts);
    await ada.run(push);
    t.match(await ben.run(pull), { merged: { status: 'conflicted' } });
    await ada.run(purgeAda());
    t.match((await ben.run((repo) => fetch(repo))).erased, { finished: false });
    t.same(await problemsOf(ben), []);
    await ben.run(abortMerge);
    await ben.run(status);
    t.same(storeFilesWith(ben, SECRET), [], 'the conflict that showed it is gone with the merge');
    t.same(await problemsOf(ben), []);
  },
);

t.test('a file that somebody reads is cleaned as soon as nobody does', async (t) => {
  const { ada, ben } = await withHers(t);
  const reader = new Database(ben.file('agent.db'), { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from objects').get();
  await ada.run(purgeAda());
  t.match((await ben.run((repo) => fetch(repo))).erased, { finished: false });
  t.equal(await ben.run((repo) => repo.store.erasures.unfinished()), 'file', 'which is remembered');
  reader.close();
  t.equal(await ben.run((repo) => repo.store.erasures.unfinished()), undefined, 'and done by the next command');
  t.same(storeFilesWith(ben, 'ada@example.org'), []);
});

t.test('what the file kept of rows that were removed long ago goes with the rest', async (t) => {
  const { ada, ben } = await withHers(t);
  const db = new Database(ben.file('agent.db'));
  db.exec(
    `pragma secure_delete = off; create table gone (text); insert into gone values ('${SECRET}, once'); drop table gone`,
  );
  db.pragma('wal_checkpoint(truncate)');
  db.close();
  t.same(storeFilesWith(ben, `${SECRET}, once`), ['agent.db'], 'SQLite leaves it in a page that nobody uses');
  await ada.run(purgeAda());
  await ben.run((repo) => fetch(repo));
  t.same(storeFilesWith(ben, SECRET), []);
});

t.test('copies of the store are named; one that is restored is erased as well', async (t) => {
  const { ada, ben } = await withHers(t);
  const copy = ben.file('agent.db.mine');
  await ben.run((repo) => backup(repo, copy));
  await ada.run(purgeAda());
  const { erased } = await ben.run((repo) => fetch(repo));
  t.same(erased!.copies, [copy]);
  await restoreRepository(ben.root, copy);
  await ben.run((repo) => fetch(repo));
  t.ok(
    isShown(
      await ben.run((repo) =>
        new TextDecoder().decode(
          repo.store.objects.read(
            hashObject('blob', new TextEncoder().encode(storyText('SYNC-003', 'Hers', [SECRET, 'Two.', 'Three.']))),
          ).body,
        ),
      ),
    ),
  );
  t.same(storeFilesWith(ben, 'ada@example.org'), ['agent.db.mine']);
  t.same(await problemsOf(ben), []);
});

t.test('what is fetched or pulled on trial has nothing that was erased, and keeps nothing', async (t) => {
  const { ada, ben } = await withHers(t);
  await ada.run(purgeAda());
  ada.write(STORY, storyText('SYNC-001', 'One', ['After.']));
  await ada.run(importArtifacts);
  await ada.run(push);
  t.match(await ben.run((repo) => planPull(repo)), { merge: { status: 'fast-forward' } });
  t.match(ben.read(HERS), SECRET);
  const cleo = new Developer(t, 'cleo');
  await cleo.init();
  cleo.configure(`origin:\n  url: file:${join(ada.root, 'origin.db')}\n  project: pair\n`);
  t.match(await cleo.run((repo) => planPull(repo)), { fetched: { dryRun: true } }, 'nor from nothing');
});

t.test(
  'an object that claims to be erased without a record is damage, and so is one that is still there',
  async (t) => {
    const { ada, ben } = await withHers(t);
    const oid = await oidAt(ben, STORY);
    const damage = (sql: string, ...values: unknown[]) => {
      const db = new Database(ben.file('agent.db'));
      db.prepare(sql).run(...values);
      db.close();
    };
    const body = Buffer.from(tombstoneOf(oid));
    damage('update objects set size = ?, body = ? where hex(oid) = ?', body.length, body, oid.toUpperCase());
    t.match(await problemsOf(ben), [{ area: 'object', subject: oid }], 'no record says so');
    damage('insert into erased_objects select oid from objects where hex(oid) = ?', oid.toUpperCase());
    t.match(
      await problemsOf(ben),
      [{ area: 'object', subject: oid, message: /no signed record/ }],
      'a list is no record',
    );
    damage('delete from erased_objects');
    await t.rejects(
      ben.run((repo) => backup(repo, join(ben.root, 'copy.db'))),
      { code: 'STORE_CORRUPT' },
      'and is not backed up',
    );
    await ben.run(async (repo) => {
      const { doctor } = await import('../../../lib/index.js');
      await doctor(repo, { fix: true });
    });
    t.same(await problemsOf(ben), [], 'doctor gets it again');

    await ada.run(purgeAda());
    await ben.run((repo) => fetch(repo));
    const hers = await oidAt(ben, HERS);
    const text = Buffer.from(storyText('SYNC-003', 'Hers', [SECRET, 'Two.', 'Three.']));
    damage('update objects set size = ?, body = ? where hex(oid) = ?', text.length, text, hers.toUpperCase());
    t.match(await problemsOf(ben), [{ area: 'object', subject: hers, message: /still there/ }]);
  },
);

t.test('an origin that signs with another key is not believed until somebody says so', async (t) => {
  const { ada, ben } = await withHers(t);
  const other = new Developer(t, 'other');
  await other.init({ origin: `file:${join(other.root, 'origin.db')}`, project: 'pair' });
  ben.configure('');
  const config = join(ben.root, '.agent/etc/sync.yaml');
  const text = readFileSync(config, 'utf8');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(config, text.replace(join(ada.root, 'origin.db'), join(other.root, 'origin.db')));
  t.match(await ben.run(push), { status: 'pushed' }, 'a new origin is fine as long as it erases nothing');
  await other.run(pull);
  await other.run(purgeAda());
  const refusal = await ben.run((repo) => fetch(repo)).catch((error: SyncError) => error);
  t.match(refusal, { code: 'ERASURE_INVALID' });
  t.match(ben.read(HERS), SECRET);
  const [, anchor] = /: ([0-9a-f]{64})$/.exec((refusal as SyncError).message) ?? [];
  await ben.run((repo) => trustOrigin(repo, anchor!));
  t.match(await ben.run((repo) => fetch(repo)), { erased: { traces: { names: 1 } } });
  t.ok(isShown(ben.read(HERS)));
});

t.test('a project without an origin erases by itself, and takes that along when it gets one', async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  ada.write(HERS, storyText('SYNC-003', 'Hers', [SECRET]));
  ada.write(STORY, storyText('SYNC-001', 'One'));
  await ada.run(importArtifacts);
  t.match(await ada.run((repo) => purge(repo, { matching: SECRET })), { origin: null, here: { blobs: 1 } });
  t.same(storeFilesWith(ada, SECRET), []);
  t.same(await problemsOf(ada), []);
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await ada.init({ origin, project: 'late' });
  t.match(await ada.run(push), { status: 'pushed' });
  const ben = new Developer(t, 'ben');
  await ben.init({ origin, project: 'late' });
  await ben.run(pull);
  t.equal(ben.read(HERS), ada.read(HERS));
  t.match(ben.read(STORY), 'One.');
  t.same([await problemsOf(ada), await problemsOf(ben)], [[], []]);
});

t.test('git gets no history that it would find damaged, and a folder gets the files as they are', async (t) => {
  const { ben } = await withHers(t);
  await ben.run(purgeAda());
  await t.rejects(
    ben.run((repo) => exportGit(repo, join(ben.root, 'git'))),
    { code: 'OBJECT_ERASED' },
  );
  await ben.run((repo) => exportMarkdown(repo, join(ben.root, 'files')));
  t.ok(isShown(readFileSync(join(ben.root, 'files', HERS), 'utf8')));
});

t.test('nothing that was done before is undone, and what is done after is', async (t) => {
  const { ben } = await withHers(t);
  await ben.run(purgeAda());
  t.match(await ben.run((repo) => undo(repo)), { status: 'nothing-to-undo' });
  const [first] = await ben.run((repo) => repo.store.operations.list());
  await t.rejects(
    ben.run((repo) => undo(repo, first!.id)),
    { code: 'UNDO_IMPOSSIBLE' },
  );
  await ben.run((repo) => removeArtifact(repo, 'story/SYNC-002'));
  t.match(await ben.run((repo) => undo(repo)), { status: 'undone' });
  t.ok(isShown(ben.read(OTHER)));
});

t.test('whoever is erased may go on: under another id', async (t) => {
  const { ada, ben } = await withHers(t);
  const [{ author: before } = { author: '' }] = await ada.run((repo) => log(repo));
  t.equal(before, 'ada');
  await ada.run(purgeAda({ content: false }));
  t.same(storeFilesWith(ada, 'ada@example.org'), [], 'nor does the purge itself write her down');
  ada.edit(STORY, 'One.', 'One more.');
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  const authors = (await ben.run((repo) => log(repo))).map(({ author }) => author);
  t.equal(authors[0], 'ada');
  t.ok(
    authors.slice(1).every((author) => author.startsWith('actor-')),
    'and what was before is by an id',
  );
});

t.test('whoever is erased, the store is sound and every other artifact is as it was', async (t) => {
  const names = ['ada', 'ben', 'cleo'];
  const step = fc.record({
    who: fc.constantFrom(...names),
    file: fc.integer({ min: 1, max: 3 }),
    text: fc.constantFrom('alpha', 'beta', 'gamma', 'delta'),
  });
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 8 }),
    fc.constantFrom(...names),
    async (steps, victim) => {
      await t.test('', async (t) => {
        const one = new Developer(t, 'ben');
        await one.init();
        for (const { who, file, text } of steps) {
          one.env.SUPABASE_USER = `${who} <${who}@example.org>`;
          one.write(`stories/SYNC/SYNC-00${file}-x.md`, storyText(`SYNC-00${file}`, 'X', [text]));
          await one.run(importArtifacts);
        }
        const files = () =>
          new Map(readdirSync(one.file('stories/SYNC')).map((name) => [name, one.read(`stories/SYNC/${name}`)]));
        const before = {
          files: files(),
          versions: await one.run(listArtifacts),
          commits: await one.run((repo) => log(repo)),
        };
        // Who first wrote a text into a file, on a line of commits, is who wrote that version.
        const writers = new Map<string, string>();
        for (const { who, file, text } of steps) {
          const key = `${file} ${text}`;
          if (!writers.has(key)) writers.set(key, who);
        }
        const done = await one
          .run((repo) => purge(repo, { actor: `${victim}@example.org`, content: true }))
          .catch((error) => error);
        if (done instanceof SyncError) {
          if (steps.some(({ who }) => who === victim) && done.code !== 'ACTOR_UNKNOWN') throw done;
          return;
        }
        for (const [name, text] of files()) {
          const was = before.files.get(name)!;
          const key = `${name.slice(7, 8)} ${/\n(\w+)\n$/.exec(was)![1]}`;
          const isHers = writers.get(key) === victim;
          if (isShown(text) !== isHers || (!isHers && text !== was)) throw new Error(`${name} is ${text}, was ${was}`);
        }
        const problems = await problemsOf(one);
        if (problems.length > 0) throw new Error(JSON.stringify(problems));
        const after = await one.run((repo) => log(repo));
        if (after.map(({ oid }) => oid).join() !== before.commits.map(({ oid }) => oid).join())
          throw new Error('history changed');
        const versions = (await one.run(listArtifacts)).map(({ path, version }) => `${path} ${version}`);
        if (versions.join() !== before.versions.map(({ path, version }) => `${path} ${version}`).join())
          throw new Error('versions changed');
      });
    },
  );
  await fc.assert(property, { numRuns: process.env.AGENT_TEST_FULL === '1' ? 100 : 6 });
});

t.test('a record names what was erased, and no person', async (t) => {
  const { ben } = await withHers(t);
  await ben.run(purgeAda());
  const records = await ben.run((repo) =>
    repo.store.erasures.chains().flatMap(({ anchor }) => repo.store.erasures.list(anchor)),
  );
  t.equal(records.length, 1);
  t.notMatch(records[0]!.text, /\bada\b|example/);
  t.match(parseErasure(records[0]!.text), { number: 1, actors: [/^actor-/] });
});
