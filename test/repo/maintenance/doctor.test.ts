import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import {
  checkExport,
  type DoctorResult,
  doctorRepository,
  fsck,
  importArtifacts,
  newDraft,
  pull,
  push,
  resolveRevision,
  status,
  undo,
} from '../../../lib/index.js';
import { type Finding, planRepairs } from '../../../lib/repo/maintenance/plan-repairs.js';
import { Developer } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';
import { stoppedMerge } from '../conflicts/stopped-merge.js';
import { killedBeforeWriting } from '../sync/with-event.js';

const examine = (who: Developer, fix = false) => doctorRepository(who.root, { env: who.env, fix });
const oidOf = (who: Developer, path: string) => who.run((repo) => repo.store.index.get(path)!.oid);
const brief = ({ findings }: DoctorResult) => findings.map(({ check, subject, fixed }) => ({ check, subject, fixed }));

function damage(who: Developer, sql: string, ...values: unknown[]): void {
  const db = new Database(who.file('agent.db'));
  db.prepare(sql).run(...values);
  db.close();
}

/** Something wrong, how it is told, and whether it can be repaired. */
interface Row {
  readonly spoil: (ada: Developer, ben: Developer) => unknown;
  readonly finds: readonly { readonly check: string; readonly says: RegExp }[];
  readonly repaired: boolean;
}

const ROWS: Readonly<Record<string, Row>> = {
  'a row of the index that was changed': {
    spoil: (_, ben) => damage(ben, "update derived_artifacts set title = 'Other' where path = ?", STORY),
    finds: [{ check: 'index', says: /differs from the file in HEAD/ }],
    repaired: true,
  },
  'a version that was counted wrong': {
    spoil: (_, ben) => damage(ben, 'update derived_versions set version = 7'),
    finds: [{ check: 'index', says: /is version 1, not 7/ }],
    repaired: true,
  },
  'a generation that is wrong': {
    spoil: (_, ben) => damage(ben, 'update derived_commits set generation = 9'),
    finds: [{ check: 'index', says: /has generation 1, not 9/ }],
    repaired: true,
  },
  'a handle that resolves no more': {
    spoil: async (_, ben) => {
      await ben.run((repo) => newDraft(repo, { kind: 'story', title: 'Three', prefix: 'SYNC' }));
      await ben.run(push);
      damage(ben, 'delete from derived_handles');
    },
    finds: [{ check: 'index', says: /does not name story SYNC-003/ }],
    repaired: true,
  },
  'an index of another commit': {
    spoil: (_, ben) => damage(ben, 'delete from derived_at'),
    finds: [{ check: 'index', says: /describes null, HEAD is/ }],
    repaired: true,
  },
  'a blob whose body was damaged, and whose file is there': {
    spoil: async (_, ben) =>
      damage(ben, "update objects set body = x'78' where oid = unhex(?)", await oidOf(ben, STORY)),
    finds: [{ check: 'object', says: /is not what was stored; it is 'stories\/SYNC\/SYNC-001-one.md' in HEAD/ }],
    repaired: true,
  },
  'a blob that is missing, and whose file was edited': {
    spoil: async (_, ben) => {
      damage(ben, 'delete from objects where oid = unhex(?)', await oidOf(ben, STORY));
      ben.edit(STORY, 'One.', 'One, by Ben.');
    },
    finds: [{ check: 'object', says: /is missing; it is/ }],
    repaired: true,
  },
  'every tree gone': {
    spoil: (_, ben) => damage(ben, "delete from objects where type = 'tree'"),
    finds: [
      { check: 'object', says: /is missing/ },
      { check: 'base', says: /come from commit/ },
    ],
    repaired: true,
  },
  'a commit of HEAD gone': {
    spoil: (_, ben) => damage(ben, "delete from objects where type = 'commit'"),
    finds: [
      { check: 'object', says: /is missing/ },
      { check: 'ref', says: /names .*, which is no commit here/ },
      { check: 'tracking', says: /names .*, which is no commit here/ },
    ],
    repaired: true,
  },
  'no tracking ref': {
    spoil: (_, ben) => damage(ben, "delete from refs where name like 'refs/remotes/%'"),
    finds: [{ check: 'tracking', says: /is missing, though something was fetched/ }],
    repaired: true,
  },
  'a tracking ref that names nothing': {
    spoil: (_, ben) => damage(ben, "update refs set oid = zeroblob(20) where name like 'refs/remotes/%'"),
    finds: [
      { check: 'object', says: /^is missing/ },
      { check: 'tracking', says: /names 0{40}, which is no commit here/ },
    ],
    repaired: true,
  },
  'a stat that passes off an edit as known': {
    spoil: async (_, ben) => {
      await ben.run(status);
      const past = new Date(Date.now() - 60_000);
      utimesSync(ben.file(STORY), past, past);
      await ben.run(status);
      damage(ben, 'update stat_cache set oid = zeroblob(20) where path = ?', STORY);
    },
    finds: [{ check: 'stats', says: /an edit would not be seen/ }],
    repaired: true,
  },
  'files that did not follow HEAD': {
    spoil: async (ada, ben) => {
      await commit(ada, STORY, 'One.', 'One, by Ada.');
      await ada.run(push);
      const killed = ben.run((repo) => pull({ ...repo, worktree: killedBeforeWriting(repo.worktree) }));
      await killed.catch(() => {});
    },
    finds: [{ check: 'disk', says: /and not HEAD/ }],
    repaired: true,
  },
  'an undo that was killed before the files could follow': {
    spoil: async (_, ben) => {
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      const killed = ben.run((repo) => undo({ ...repo, worktree: killedBeforeWriting(repo.worktree) }));
      await killed.catch(() => {});
    },
    finds: [{ check: 'disk', says: /does not show yet what operation \d+ \(undo \d+\) went back to/ }],
    repaired: true,
  },
  'what a killed restore left': {
    spoil: (_, ben) => {
      const path = ben.file('agent.db.restoring-1700000000-0a1b2c3d');
      writeFileSync(path, 'half');
      utimesSync(path, 1_700_000_000, 1_700_000_000);
    },
    finds: [{ check: 'leftovers', says: /killed/ }],
    repaired: true,
  },
  'a base file that was spoilt': {
    spoil: (_, ben) => writeFileSync(ben.file('.agent-sync-base'), '<<<<<<< HEAD\n'),
    finds: [{ check: 'base', says: /conflict markers/ }],
    repaired: false,
  },
  'a base that is not there': {
    spoil: (_, ben) =>
      writeFileSync(ben.file('.agent-sync-base'), `commit ${'1'.repeat(40)}\ntree ${'2'.repeat(40)}\n`),
    finds: [{ check: 'base', says: /which this store does not have/ }],
    repaired: false,
  },
  'a commit that was never pushed, and is gone': {
    spoil: async (_, ben) => {
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      damage(
        ben,
        'delete from objects where oid = unhex(?)',
        await ben.run((repo) => resolveRevision(repo.store, 'HEAD')),
      );
    },
    finds: [
      { check: 'object', says: /is missing/ },
      { check: 'ref', says: /the last one of its log that is here is [0-9a-f]{40}/ },
    ],
    repaired: false,
  },
  'a file of a commit that only the reflog names': {
    spoil: async (_, ben) => {
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      const oid = await oidOf(ben, OTHER);
      await ben.run((repo) => undo(repo));
      damage(ben, 'delete from objects where oid = unhex(?)', oid);
    },
    finds: [{ check: 'object', says: /is missing; HEAD itself does not show it/ }],
    repaired: false,
  },
  'a command that cannot be undone any more': {
    spoil: (_, ben) =>
      damage(ben, "insert into operation_paths select max(id), 'a.md', zeroblob(20), null from operations"),
    finds: [{ check: 'operation', says: /names object 0{40}, which is missing: it cannot be undone/ }],
    repaired: false,
  },
  'a configuration that cannot be read': {
    spoil: (_, ben) => ben.configure('merge: 7\n'),
    finds: [{ check: 'config', says: /cannot be used/ }],
    repaired: false,
  },
};

t.test('doctor finds what is wrong, and repairs what loses nothing', async (t) => {
  for (const [name, { spoil, finds, repaired }] of Object.entries(ROWS)) {
    await t.test(name, async (t) => {
      const { ada, ben } = await pair(t);
      await spoil(ada, ben);
      const disk = [STORY, OTHER].map((path) => ben.read(path));
      const { findings } = await examine(ben);
      t.strictSame(checksOf(findings), checksOf(finds), 'and nothing else');
      for (const { check, says } of finds)
        t.ok(
          findings.some((f) => f.check === check && says.test(f.message)),
          `${check} ${says}`,
        );
      t.ok(
        findings.every(({ hint }) => hint !== ''),
        'each says what to do next',
      );
      t.strictSame(brief(await examine(ben)), brief({ findings, failures: [] }), 'looking changes nothing');
      const fixed = await examine(ben, true);
      t.equal(
        fixed.findings.every((finding) => finding.fixed),
        repaired,
        JSON.stringify(fixed),
      );
      if (repaired) {
        t.strictSame((await examine(ben)).findings, []);
        t.strictSame((await ben.run((repo) => fsck(repo.store))).problems, []);
        if (!finds.some(({ check }) => check === 'disk'))
          t.strictSame(
            [STORY, OTHER].map((path) => ben.read(path)),
            disk,
          );
        await ben.run(importArtifacts);
        await ben.run(push);
        await ada.run(pull);
        t.strictSame(await ada.run(checkExport), []);
        t.equal(ada.read(STORY), ben.read(STORY), 'and the work goes on');
      }
    });
  }
});

function checksOf(found: readonly { readonly check: string }[]): string[] {
  return [...new Set(found.map(({ check }) => check))].sort();
}

t.test('a merge whose files have still to follow is shown', async (t) => {
  const path = 'stories/SYNC/SYNC-004-four.md';
  const { ben } = await stoppedMerge(t, {
    base: { [path]: 'One.\n' },
    ours: { [path]: 'One, ours.\n' },
    theirs: { [path]: 'One, theirs.\n' },
  });
  const shown = ben.read(path);
  const oid = await ben.run((repo) => repo.store.merge.get()!.before.find((before) => before.path === path)!.oid);
  damage(ben, 'insert into merge_unfollowed (path, oid) values (?, unhex(?))', path, oid);
  ben.write(path, 'One, ours.\n');
  t.strictSame(brief(await examine(ben)), [{ check: 'merge', subject: path, fixed: false }]);
  t.strictSame(brief(await examine(ben, true)), [{ check: 'merge', subject: path, fixed: true }]);
  t.equal(ben.read(path), shown);
});

t.test('a healthy project has nothing to repair, with an origin and without', async (t: Test) => {
  const { ada, ben } = await pair(t);
  const lone = new Developer(t, 'lone');
  await lone.init();
  for (const who of [ada, ben, lone]) {
    t.strictSame(await examine(who), { findings: [], failures: [] });
    t.strictSame(await examine(who, true), { findings: [], failures: [] });
  }
});

t.test('a store that cannot be opened, or is damaged inside, is left as it is', async (t) => {
  const rows: Readonly<Record<string, (path: string) => void>> = {
    'no database': (path) => writeFileSync(path, 'Text.\n'.repeat(5000)),
    'pages overwritten': (path) => writeFileSync(path, readFileSync(path).fill(0x55, 8192, 4 * 8192)),
  };
  for (const [name, spoil] of Object.entries(rows)) {
    const { ben } = await pair(t);
    const path = ben.file('agent.db');
    spoil(path);
    const bytes = readFileSync(path);
    const { findings } = await examine(ben, true);
    t.ok(findings.length > 0 && findings.every(({ check, fixed }) => check === 'store' && !fixed), name);
    t.match(findings[0]!.hint, /agent sync/);
    t.strictSame(readFileSync(path), bytes, `${name}: nothing was written`);
    t.notOk(existsSync(join(ben.root, 'agent.db')));
  }
});

t.test('what is repaired, and in which order', (t) => {
  const finding = (check: Finding['check'], repair: Finding['repair']): Finding => ({
    check,
    repair,
    subject: 's',
    message: 'm',
    hint: 'h',
  });
  const rows = [
    { name: 'nothing', findings: [], repairs: [] },
    { name: 'what a person has to do', findings: [finding('base', null)], repairs: [] },
    {
      name: 'the disk after the index, and each once',
      findings: [finding('disk', 'follow-head'), finding('index', 'rebuild-index'), finding('index', 'rebuild-index')],
      repairs: ['rebuild-index', 'follow-head'],
    },
    {
      name: 'a dropped tracking ref is fetched',
      findings: [finding('tracking', 'drop-tracking')],
      repairs: ['drop-tracking', 'fetch'],
    },
    {
      name: 'objects bring their index',
      findings: [finding('object', 'get-objects')],
      repairs: ['get-objects', 'rebuild-index'],
    },
    {
      name: 'a damaged database is not written',
      findings: [finding('store', null), finding('stats', 'forget-stats'), finding('leftovers', 'remove-leftovers')],
      repairs: ['remove-leftovers'],
    },
  ];
  for (const { name, findings, repairs } of rows) t.strictSame(planRepairs(findings), repairs, name);
  t.end();
});

t.test('a file that cannot be read keeps nothing else from being repaired', async (t) => {
  const { ben } = await pair(t);
  damage(ben, 'delete from objects where oid = unhex(?)', await oidOf(ben, STORY));
  ben.write('plans/LARGE.md', 'x'.repeat(3 * 2 ** 20));
  t.match(await examine(ben, true), { findings: [{ check: 'object', fixed: true }], failures: [] });
});
