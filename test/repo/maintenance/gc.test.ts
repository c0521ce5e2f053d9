import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { encodeCommit } from '../../../lib/core/object/commit.js';
import type { Oid } from '../../../lib/core/object/oid.js';
import { EMPTY_TREE } from '../../../lib/core/object/read.js';
import type { FetchPage } from '../../../lib/core/ports.js';
import {
  abortMerge,
  abortRebase,
  continueMerge,
  fetch,
  fsck,
  type GcOptions,
  type GcResult,
  gc,
  importArtifacts,
  log,
  pull,
  push,
  type Repository,
  rebase,
  resolveConflict,
  resolveRevision,
} from '../../../lib/index.js';
import { planGc } from '../../../lib/repo/maintenance/plan-gc.js';
import { MemoryObjects } from '../../core/memory-objects.js';
import type { Developer } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';
import { stoppedMerge } from '../conflicts/stopped-merge.js';

const DAY = 24 * 60 * 60;

/** Collects as if so many days had passed. */
function gcAfter(days: number, options: GcOptions = {}): (repo: Repository) => GcResult {
  return (repo) => {
    const now = () => ({ seconds: repo.clock.now().seconds + days * DAY, offset: 0 });
    return gc({ ...repo, clock: { now } }, options);
  };
}

const writeBlob = (text: string) => (repo: Repository) =>
  repo.store.objects.write({ type: 'blob', body: Buffer.from(text) });
const has = (who: Developer, oid: Oid) => who.run((repo) => repo.store.objects.has(oid));
const database = (who: Developer) => new Database(who.file('agent.db'));

/** As many entries of the logs as are kept however old they are. */
function fillLogs(who: Developer): void {
  const db = database(who);
  for (let i = 0; i < 32; i++) {
    db.exec(`insert into operations (command, actor, time) values ('none', 'a', unixepoch() + 100);
      insert into reflog (ref, before, after, actor, time, message)
        select 'refs/heads/main', oid, oid, 'a', unixepoch(), 'none' from refs where name = 'refs/heads/main';`);
  }
  db.close();
}

async function checkWhole(t: Test, who: Developer): Promise<void> {
  t.strictSame((await who.run((repo) => fsck(repo.store))).problems, [], 'nothing is missing');
}

const TWO_WAYS = (path: string) => ({
  base: { [path]: 'One.\n\nTwo.\n' },
  ours: { [path]: 'One, ours.\n\nTwo.\n' },
  theirs: { [path]: 'One, theirs.\n\nTwo.\n' },
});

t.test('what something names is kept, whatever the grace', async (t) => {
  const rows: Readonly<Record<string, (t: Test) => Promise<void>>> = {
    'the commits of a stopped merge, and what the disk held before': async (t) => {
      const { ben } = await stoppedMerge(t, TWO_WAYS(STORY));
      await ben.run(gcAfter(1000, { graceDays: 0 }));
      await ben.run(abortMerge);
      t.equal(ben.read(STORY), 'One, ours.\n\nTwo.\n');
    },
    'the answers to a merge, and what it takes to finish it': async (t) => {
      const { ben } = await stoppedMerge(t, TWO_WAYS(STORY));
      await ben.run((repo) => resolveConflict(repo, STORY, { bytes: Buffer.from('By hand.\n') }));
      await ben.run(gcAfter(1000, { graceDays: 0 }));
      await ben.run(continueMerge);
      t.equal(ben.read(STORY), 'By hand.\n');
    },
    'the steps of a rebase that stopped': async (t) => {
      const { ada, ben } = await pair(t);
      await commit(ada, STORY, 'One.', 'One, by Ada.');
      await ada.run(push);
      await commit(ben, OTHER, 'Three.', 'Three, by Ben.');
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      await ben.run(fetch);
      const onto = await ben.run((repo) => resolveRevision(repo.store, 'origin/main'));
      t.match(await ben.run((repo) => rebase(repo, onto, { label: 'origin/main' })), { status: 'conflicted' });
      await ben.run(gcAfter(1000, { graceDays: 0 }));
      const { rebase: state } = await ben.run((repo) => repo.store.merge.get()!);
      t.ok(await has(ben, state!.done[0]!.to!), 'a commit that only the state of the rebase names');
      await ben.run(abortRebase);
      t.match(ben.read(STORY), 'One, by Ben.');
    },
    'what the files on disk were made from': async (t) => {
      const { ben } = await pair(t);
      const base = await ben.run((repo) => {
        const blob = writeBlob('Left alone.\n')(repo);
        const tree = repo.store.objects.write({
          type: 'tree',
          body: Buffer.concat([Buffer.from('100644 a.md\0'), Buffer.from(blob, 'hex')]),
        });
        repo.worktree.writeBase({ commit: repo.store.refs.get('HEAD')!, tree });
        return { blob, tree };
      });
      t.match(await ben.run(gcAfter(1000, { graceDays: 0 })), { removed: 0 });
      t.ok((await has(ben, base.tree)) && (await has(ben, base.blob)));
    },
    'what an operation can bring back, for 90 days': async (t) => {
      const { ben } = await pair(t);
      const names = ['before', 'after', 'state'];
      const oids = await ben.run((repo) => names.map((name) => writeBlob(name)(repo)));
      const db = database(ben);
      db.prepare("insert into operations (id, command, actor, time, merge) values (7, 'rm', 'a', ?, ?)").run(
        Math.floor(Date.now() / 1000),
        JSON.stringify({ tree: oids[2] }),
      );
      db.prepare("insert into operation_paths values (7, 'a.md', unhex(?), unhex(?))").run(oids[0], oids[1]);
      db.close();
      t.match(await ben.run(gcAfter(91, { graceDays: 0 })), { removed: 0 }, 'one of the last is kept');
      fillLogs(ben);
      t.match(await ben.run(gcAfter(89, { graceDays: 0 })), { removed: 0 });
      t.match(await ben.run(gcAfter(91, { graceDays: 0 })), { removed: 3, forgotten: { operations: 3 } });
    },
    'a resolution that may be used again, for 60 days': async (t) => {
      const { ada, ben } = await stoppedMerge(t, TWO_WAYS(STORY));
      ben.configure('merge:\n  rerere: true\n');
      await ben.run((repo) => resolveConflict(repo, STORY, { bytes: Buffer.from('Both.\n\nTwo.\n') }));
      await ben.run(continueMerge);
      const db = database(ben);
      const preimage = db.prepare('select lower(hex(preimage)) from rerere').pluck().get() as Oid;
      db.close();
      await ben.run(gcAfter(59, { graceDays: 0 }));
      t.ok(await has(ben, preimage));
      t.match(await ben.run(gcAfter(61, { graceDays: 0 })), { removed: 1, forgotten: { resolutions: 1 } });
      t.notOk(await has(ben, preimage));
      await checkWhole(t, ada);
    },
    'where a ref was, for 90 days; and where it was of late, always': async (t) => {
      const { ada, ben } = await pair(t);
      await commit(ada, STORY, 'One.', 'One, by Ada.');
      await ada.run(push);
      await commit(ben, OTHER, 'Three.', 'Three, by Ben.');
      const left = await ben.run((repo) => resolveRevision(repo.store, 'HEAD'));
      await ben.run(fetch);
      const onto = await ben.run((repo) => resolveRevision(repo.store, 'origin/main'));
      await ben.run((repo) => rebase(repo, onto, { label: 'origin/main' }));
      await commit(ben, OTHER, 'Five.', 'Five, by Ben.');
      await ben.run(gcAfter(91, { graceDays: 0 }));
      t.ok(await has(ben, left), 'one of the last is kept');
      fillLogs(ben);
      await ben.run(gcAfter(89, { graceDays: 0 }));
      t.ok(await has(ben, left));
      t.match(await ben.run(gcAfter(91, { graceDays: 0 })), { forgotten: { reflog: 4 } });
      t.notOk(await has(ben, left));
      t.match(await ben.run((repo) => repo.store.refs.reflog('HEAD')), { length: 32 });
      t.equal((await ben.run((repo) => log(repo))).length, 4);
    },
  };
  for (const [name, row] of Object.entries(rows)) {
    await t.test(name, async (t) => {
      await row(t);
    });
  }
});

t.test('what nothing names goes when its time is over', async (t) => {
  const { ben } = await pair(t);
  const oid = await ben.run(writeBlob('Nobody asks for this.\n'));
  const shown = { removed: 1, waiting: 0 };
  t.match(await ben.run(gcAfter(0, { graceDays: 0, dryRun: true })), shown, 'a dry run says what would go');
  t.ok(await has(ben, oid), 'and removes nothing');
  t.match(await ben.run(gcAfter(0)), { removed: 0, waiting: 1 }, 'the first gc notes it');
  t.match(await ben.run(gcAfter(13)), { removed: 0, waiting: 1 });
  await ben.run(writeBlob('Nobody asks for this.\n'));
  t.match(await ben.run(gcAfter(15)), { removed: 0, waiting: 1 }, 'written again, it is as new');
  t.match(await ben.run(gcAfter(28)), { removed: 0, waiting: 1 });
  ben.write('stories/SYNC/SYNC-009-nine.md', 'Nobody asks for this.\n');
  await ben.run(importArtifacts);
  t.match(await ben.run(gcAfter(100, { graceDays: 1 })), { removed: 0, waiting: 0 }, 'named, it stays');
  const other = await ben.run(writeBlob('Nor for this.\n'));
  await ben.run(gcAfter(0));
  t.match(await ben.run(gcAfter(14)), { removed: 1, waiting: 0 }, 'after two weeks it goes');
  t.notOk(await has(ben, other));
  await checkWhole(t, ben);
});

t.test('the file becomes smaller', async (t) => {
  const { ben } = await pair(t);
  await ben.run((repo) => {
    for (let i = 0; i < 200; i++) {
      const noise = Array.from({ length: 500 }, () => Math.random().toString(36)).join('');
      repo.store.objects.write({ type: 'blob', body: Buffer.from(noise) });
    }
  });
  const { removed, file } = await ben.run(gcAfter(0, { graceDays: 0 }));
  t.equal(removed, 200);
  t.ok(file.after < file.before / 4, `from ${file.before} to ${file.after} bytes`);
});

/** A page without its last object, as an origin with smaller pages sends it. */
function allButLast({ objects, sequence }: FetchPage): FetchPage {
  return { objects: objects.slice(0, -1), sequence: sequence - 1, more: true };
}

t.test('a fetch that was broken off goes on after a gc', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await commit(ada, OTHER, 'Two.', 'Two, by Ada.');
  await ada.run(push);
  await t.rejects(
    ben.run(async (repo) => {
      const remote = await repo.connect();
      let calls = 0;
      const fetchOnce = async (after: number) => {
        if (calls++ > 0) throw new Error('killed');
        return allButLast(await remote.fetch(after));
      };
      await fetch({ ...repo, connect: async () => ({ ...remote, fetch: fetchOnce }) });
    }),
    /killed/,
  );
  t.match(await ben.run(gcAfter(0, { graceDays: 0 })), { removed: 9 }, 'what had come of it');
  t.match(await ben.run(pull), { merged: { status: 'fast-forward' } });
  t.match(ben.read(OTHER), 'Two, by Ada.');
  await checkWhole(t, ben);
});

t.test('a gc while pages of a fetch come in takes nothing from it', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await ada.run(push);
  await ben.run(async (repo) => {
    const remote = await repo.connect();
    let page = 0;
    const removed: number[] = [];
    const disturbed = async (after: number) => {
      if (page++ % 2 === 0) return allButLast(await remote.fetch(after));
      removed.push(gcAfter(0, { graceDays: 0 })(repo).removed);
      return remote.fetch(after);
    };
    const { refs } = await fetch({ ...repo, connect: async () => ({ ...remote, fetch: disturbed }) });
    t.match(refs, [{ name: 'refs/remotes/origin/main' }]);
    t.strictSame(removed, [4, 5, 1], 'what was kept of it was removed, until the refs moved with it');
  });
  await checkWhole(t, ben);
});

t.test('where something that is needed is missing, nothing is removed', async (t) => {
  const { ben } = await pair(t);
  const oid = await ben.run(writeBlob('Rubbish.\n'));
  const tree = await ben.run((repo) => repo.worktree.readBase()!.tree);
  const db = database(ben);
  db.prepare('delete from objects where oid = unhex(?)').run(tree);
  db.close();
  await t.rejects(ben.run(gcAfter(0, { graceDays: 0 })), { code: 'OBJECT_NOT_FOUND', hint: /agent sync doctor/ });
  t.ok(await has(ben, oid));
});

t.test('a store that others fetch from never gives a number twice', async (t) => {
  const { ada, ben } = await pair(t);
  const origin = new Database(join(ada.root, 'origin.db'), { readonly: true });
  const last = () => origin.prepare('select max(sequence) from objects').pluck().get();
  await ben.run(async (repo) => {
    const { openStore } = await import('../../../lib/store/open-store.js');
    const store = openStore(join(ada.root, 'origin.db'));
    store.objects.write({ type: 'blob', body: Buffer.from('First.\n') });
    store.objects.write({ type: 'blob', body: Buffer.from('Last.\n') });
    const before = last();
    t.match(gcAfter(0, { graceDays: 0 })({ ...repo, store, worktree: { ...repo.worktree, readBase: () => null } }), {
      removed: 1,
    });
    t.equal(last(), before);
    store.close();
  });
  origin.close();
});

t.test('every column that can hold an id is looked at', async (t) => {
  const { ben } = await pair(t);
  const db = database(ben);
  const columns = db
    .prepare(
      `select t.name || '.' || c.name from sqlite_schema t join pragma_table_info(t.name) c
       where t.type = 'table' and lower(c.type) = 'blob' order by 1`,
    )
    .pluck()
    .all() as string[];
  db.close();
  const derived = (name: string) => /^(derived_.*|stat_cache\..*|erased_objects\.oid|erasures\.signature)$/.test(name);
  t.strictSame(
    columns.filter((name) => !derived(name)),
    [
      'merge.ours',
      'merge.theirs',
      'merge.tree',
      'merge_before.oid',
      'merge_unfollowed.oid',
      'objects.body',
      'objects.oid',
      'operation_paths.after',
      'operation_paths.before',
      'refs.oid',
      'reflog.after',
      'reflog.before',
      'rerere.conflict',
      'rerere.postimage',
      'rerere.preimage',
      'unreachable.oid',
    ].sort(),
    'a new one has to be a root in lib/store/garbage.ts, or derived',
  );
});

t.test('deciding what goes', (t) => {
  const objects = new MemoryObjects();
  const blob = objects.blob('b');
  const tree = objects.tree({ 'a.md': 'b' });
  const first = objects.commitTree(tree, []);
  const second = objects.commitTree(tree, [first], 1_700_000_001);
  const lone = objects.blob('lone');
  const by = { actor: 'a', time: 1, offset: 0 };
  const broken = objects.write({
    type: 'commit',
    body: encodeCommit({ tree: 'f'.repeat(40), parents: [], author: by, committer: by, message: 'm\n' }),
  });
  const empty = objects.commitTree(EMPTY_TREE, []);
  const types = { read: (oid: Oid) => objects.read(oid), typeOf: (oid: Oid) => objects.read(oid).type };
  const all = [blob, tree, first, second];
  const rows = [
    { name: 'what is new waits', oids: all, at: {}, remove: [], note: all },
    { name: 'what has waited goes', oids: all, at: { [blob]: 0, [tree]: 0, [first]: 0, [second]: 0 }, remove: all },
    { name: 'one that waits keeps what it needs', oids: all, at: { [blob]: 0, [tree]: 0, [first]: 0 }, note: [second] },
    {
      name: 'but not what needs it',
      oids: all,
      at: { [blob]: 0, [first]: 0, [second]: 0 },
      remove: [first, second],
      note: [tree],
    },
    {
      name: 'one that came meanwhile keeps what it needs',
      oids: [blob, tree],
      fresh: [first],
      grace: 0,
      note: [tree, blob],
    },
    { name: 'without grace all go', oids: [...all, lone], at: {}, grace: 0, remove: [...all, lone] },
    { name: 'what is named again is forgotten about', oids: [], at: { [lone]: 0 }, unnote: [lone] },
    {
      name: 'one that is incomplete keeps what there is',
      oids: [blob],
      at: { [blob]: 0 },
      fresh: [broken],
      remove: [blob],
    },
    { name: 'the empty tree need not be there', oids: [blob], at: { [blob]: 0 }, fresh: [empty], remove: [blob] },
  ];
  for (const { name, oids, fresh = [], at = {}, grace = 10, remove = [], note = [], unnote = [] } of rows) {
    const noted = new Map(Object.entries<number>(at));
    const plan = planGc(types, { oids, fresh, noted }, 10, grace);
    t.strictSame(
      [plan.remove, plan.note, plan.unnote].map((list) => [...list].sort()),
      [remove, note, unnote].map((list) => [...list].sort()),
      name,
    );
  }
  t.end();
});
