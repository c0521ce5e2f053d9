import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import {
  backup,
  checkExport,
  fetch,
  fsck,
  importArtifacts,
  log,
  pull,
  push,
  resolveRevision,
  restoreRepository,
} from '../../../lib/index.js';
import { openStore } from '../../../lib/store/open-store.js';
import type { Developer } from '../../e2e/developer.js';
import { commit, pair, STORY } from '../../e2e/pair.js';
import { repoRoot } from '../../paths.js';

const agent = join(repoRoot, 'dist/bin/agent.js');
const subjects = (who: Developer) => who.run((repo) => log(repo).map(({ message }) => message.trim()));
const head = (who: Developer) => who.run((repo) => resolveRevision(repo.store, 'HEAD'));
const backupOf = (who: Developer) => join(who.root, 'backup.db');
const makeBackup = (who: Developer) => who.run((repo) => backup(repo, backupOf(who)));
const beside = (who: Developer) => readdirSync(who.file('.')).filter((name) => name.startsWith('agent.db'));

async function checkWhole(t: Test, who: Developer): Promise<void> {
  t.strictSame((await who.run((repo) => fsck(repo.store))).problems, [], 'nothing is missing');
}

t.test('a backup that is made while somebody commits is one moment of the store', async (t) => {
  const { ben } = await pair(t);
  let made = 0;
  const working = { on: true };
  const work = async () => {
    while (working.on) {
      ben.write(`stories/SYNC/SYNC-${100 + made}-more.md`, `# SYNC-${100 + made}: More\n`);
      await ben.run(importArtifacts);
      made++;
      await new Promise(setImmediate);
    }
  };
  const worker = work();
  for (let i = 0; i < 5; i++) await ben.run((repo) => backup(repo, backupOf(ben), { force: true }));
  working.on = false;
  await worker;
  t.ok(made > 1, `${made} commits meanwhile`);
  const copy = openStore(backupOf(ben));
  t.strictSame(fsck(copy).problems, []);
  copy.close();
  t.strictSame(
    readdirSync(ben.root).filter((name) => name.startsWith('backup')),
    ['backup.db'],
    'it is one file',
  );
});

t.test('a restore brings back what was there, and keeps what is', async (t) => {
  const { ben } = await pair(t);
  await makeBackup(ben);
  const then = await head(ben);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const now = await head(ben);
  const { kept, ...result } = await restoreRepository(ben.root, backupOf(ben));
  t.match(result, { before: now, head: then, merging: false, unknownBase: now });
  t.equal(await head(ben), then);
  t.match(ben.read(STORY), 'One, by Ben.', 'no file on disk was touched');
  await checkWhole(t, ben);
  await t.rejects(ben.run(importArtifacts), { code: 'BASE_UNKNOWN' });
  t.match(await ben.run((repo) => importArtifacts(repo, { base: 'HEAD' })), { status: 'imported' });
  await restoreRepository(ben.root, kept!);
  t.equal(await head(ben), now, 'what was kept can be restored in turn');
  t.strictSame(await ben.run(checkExport), []);
});

t.test('an older store and its origin find together again', async (t) => {
  const rows: Readonly<Record<string, (ada: Developer, ben: Developer) => Promise<unknown>>> = {
    'when others pushed since': async (ada, ben) => {
      await commit(ada, STORY, 'One.', 'One, by Ada.');
      await ada.run(push);
      await ben.run(pull);
    },
    'when its own pushes came after the backup': async (_, ben) => {
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      await ben.run(push);
    },
    'when both did': async (ada, ben) => {
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      await ben.run(push);
      await ada.run(pull);
      await commit(ada, STORY, 'Five.', 'Five, by Ada.');
      await ada.run(push);
    },
  };
  for (const [name, row] of Object.entries(rows)) {
    await t.test(name, async (t) => {
      const { ada, ben } = await pair(t);
      await makeBackup(ben);
      await row(ada, ben);
      await restoreRepository(ben.root, backupOf(ben));
      await ben.run(fetch);
      t.match(await ben.run(importArtifacts), { status: 'unchanged' }, 'the files are known again');
      t.match(await ben.run(pull), { merged: { status: 'fast-forward' } });
      await commit(ben, STORY, 'Three.', 'Three, by Ben.');
      t.match(await ben.run(push), { status: 'pushed', commits: 1 });
      await ada.run(pull);
      t.strictSame(await subjects(ada), await subjects(ben));
      t.strictSame(await ben.run(checkExport), []);
      await checkWhole(t, ben);
      await checkWhole(t, ada);
    });
  }
});

t.test('a store that cannot be used is replaced, and kept as it was', async (t) => {
  const rows: Readonly<Record<string, (path: string) => void>> = {
    gone: (path) => rmSync(path),
    empty: (path) => truncateSync(path, 0),
    'something else': (path) =>
      writeFileSync(path, 'Not a database at all, but long enough to be looked at.\n'.repeat(99)),
    'cut short': (path) => truncateSync(path, 3 * 8192),
    'overwritten in the middle': (path) => {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0x55, 8192, 6 * 8192));
    },
  };
  for (const [name, damage] of Object.entries(rows)) {
    await t.test(name, async (t) => {
      const { ben } = await pair(t);
      await makeBackup(ben);
      const then = await head(ben);
      const path = ben.file('agent.db');
      damage(path);
      const damaged = existsSync(path) ? readFileSync(path) : undefined;
      const { kept } = await restoreRepository(ben.root, backupOf(ben));
      t.equal(await head(ben), then);
      await checkWhole(t, ben);
      if (damaged) t.ok(kept && existsSync(kept), 'it was kept');
      else t.equal(kept, null);
      t.strictSame(await ben.run(checkExport), []);
    });
  }
});

t.test('who has the store open sees all of it before, or all of it after', async (t) => {
  const { ben } = await pair(t);
  await makeBackup(ben);
  const then = await head(ben);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const now = await head(ben);
  await ben.run(async (repo) => {
    const restoring = repo.store.snapshot(() => {
      t.equal(repo.store.refs.get('HEAD'), now);
      return restoreRepository(ben.root, backupOf(ben));
    });
    await restoring;
    t.equal(repo.store.refs.get('HEAD'), then, 'without opening it again');
    repo.store.settings.set('written', 'by one who had it open');
  });
  t.equal(await ben.run((repo) => repo.store.settings.get('written')), 'by one who had it open');
  await checkWhole(t, ben);
});

t.test('a restore that is killed leaves one store or the other, and goes through when it is run again', async (t) => {
  const { ben } = await pair(t);
  await makeBackup(ben);
  const then = await head(ben);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const now = await head(ben);
  await ben.run((repo) => backup(repo, `${backupOf(ben)}.now`));
  const restore = (file: string) => {
    const child = spawn(process.execPath, [agent, 'sync', 'restore', file], { cwd: ben.root, stdio: 'ignore' });
    return { child, ended: once(child, 'exit') };
  };
  /** Killed when its draft appears, when the copy of the present store does, and at whatever it does some steps later. */
  const isNews = [/restoring/, /before-restore/, /agent\.db$/, /agent\.db-wal$/];
  for (const [i, news] of [...isNews, ...isNews].entries()) {
    const watcher = watch(ben.file('.'));
    const { child, ended } = restore(i % 2 === 0 ? backupOf(ben) : `${backupOf(ben)}.now`);
    watcher.on('change', (_, name) => void (news.test(String(name)) && child.kill('SIGKILL')));
    await ended;
    watcher.close();
    t.ok([then, now].includes(await head(ben)), `killed at ${news}: it is one or the other`);
    await checkWhole(t, ben);
  }
  const [code] = await restore(backupOf(ben)).ended;
  t.equal(code, 0);
  t.equal(await head(ben), then);
});

t.test('while somebody writes nothing is restored', async (t) => {
  const { ben } = await pair(t);
  await makeBackup(ben);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const now = await head(ben);
  const other = new Database(ben.file('agent.db'));
  other.exec('begin immediate');
  await t.rejects(restoreRepository(ben.root, backupOf(ben)), { code: 'STORE_BUSY' });
  other.exec('rollback');
  other.close();
  t.equal(await head(ben), now);
  t.strictSame(beside(ben), ['agent.db'], 'and nothing is left behind');
});

t.test('no backup takes the place of a database that somebody works in', async (t) => {
  const { ada, ben } = await pair(t);
  const theirs = ada.file('agent.db');
  const now = await head(ada);
  await ada.run(async () => {
    for (const force of [true, false]) {
      await t.rejects(
        ben.run((repo) => backup(repo, theirs, { force })),
        { code: 'FILE_UNWRITABLE', message: /somebody works in/, hint: /\w/ },
      );
    }
  });
  t.equal(await head(ada), now);
  await checkWhole(t, ada);
  writeFileSync(`${backupOf(ben)}-wal`, 'of a process that was killed');
  await t.rejects(makeBackup(ben), { code: 'FILE_UNWRITABLE' }, 'nor stands beside the log of another');
});

t.test('what is no sound backup is refused, and nothing changes', async (t) => {
  const { ben } = await pair(t);
  await makeBackup(ben);
  const now = await head(ben);
  const file = backupOf(ben);
  const edited = (script: string) => () => {
    const db = new Database(file);
    db.exec(script);
    db.close();
  };
  const remake = (make: () => unknown) => {
    rmSync(file, { recursive: true });
    make();
  };
  const rows = [
    { name: 'no file', damage: () => rmSync(file), code: 'FILE_NOT_FOUND' },
    { name: 'a folder', damage: () => remake(() => mkdirSync(file)), code: 'FILE_UNREADABLE' },
    { name: 'nothing', damage: () => writeFileSync(file, ''), code: 'STORE_CORRUPT' },
    { name: 'text', damage: () => writeFileSync(file, 'Text.\n'.repeat(1000)), code: 'STORE_CORRUPT' },
    { name: 'a newer schema', damage: edited('pragma user_version = 99'), code: 'STORE_TOO_NEW' },
    { name: 'another program', damage: edited('pragma application_id = 7'), code: 'STORE_CORRUPT' },
    { name: 'an object less', damage: edited("delete from objects where type = 'tree'"), code: 'STORE_CORRUPT' },
    {
      name: 'another body',
      damage: edited("update objects set body = x'78', size = 1 where type = 'blob'"),
      code: 'STORE_CORRUPT',
    },
  ];
  const sound = readFileSync(file);
  for (const { name, damage, code } of rows) {
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, sound);
    damage();
    const refusal = { code, message: file, ...(code === 'STORE_CORRUPT' ? { hint: /another backup/ } : {}) };
    await t.rejects(restoreRepository(ben.root, file), refusal, name);
    t.equal(await head(ben), now, name);
  }
  t.strictSame(beside(ben), ['agent.db'], 'and nothing is left behind');
  writeFileSync(file, sound);
  await t.rejects(makeBackup(ben), { code: 'FILE_UNWRITABLE', message: /is there already/ });
  t.match(await ben.run((repo) => backup(repo, file, { force: true })), { file });
  copyFileSync(file, `${file}.copy`);
  await t.rejects(restoreRepository(ben.root, ben.file('agent.db')), { code: 'FILE_UNREADABLE' });
  await t.rejects(
    ben.run((repo) => backup(repo, ben.file('agent.db'), { force: true })),
    { code: 'FILE_UNWRITABLE' },
  );
  await t.rejects(
    ben.run((repo) => backup(repo, join(ben.root, 'no/such/folder.db'))),
    { code: 'FILE_UNWRITABLE' },
  );
  await t.rejects(
    ben.run((repo) => backup(repo, '/proc/backup.db')),
    { code: 'FILE_UNWRITABLE', message: '/proc' },
    'it is not the store that is to blame',
  );
});
