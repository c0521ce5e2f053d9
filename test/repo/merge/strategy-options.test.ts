import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  exportGit,
  importArtifacts,
  log,
  type MergeOptions,
  mergeCommit,
  planMerge,
  pull,
  pullRebase,
  push,
  type RebaseOptions,
  resolveRevision,
  setState,
  status,
} from '../../../lib/index.js';
import { Developer } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';

/** Both rewrote line One of the first Story and Ada line Two as well; Ben also has line Five for himself. */
async function diverged(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  ada.edit(STORY, 'Three.', 'Three, by Ada.');
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await ada.run(push);
  ben.edit(STORY, 'Five.', 'Five, by Ben.');
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  return { ada, ben };
}

function configure(who: Developer, text: string): void {
  const file = join(who.root, '.agent/etc/sync.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${text}`);
}

const lines = (who: Developer) => who.read(STORY).split('\n').slice(8, 13);
const MERGED = ['Two.', 'Three, by Ada.', 'Four.', 'Five, by Ben.'];

t.test('whose lines win where both sides changed them', async (t) => {
  type Way = (who: Developer) => Promise<unknown>;
  const pulling =
    (options: Omit<MergeOptions, 'label'> = {}): Way =>
    (who) =>
      who.run((repo) => pull(repo, options));
  const merging =
    (options: Omit<MergeOptions, 'label'> = {}): Way =>
    (who) =>
      who.run(async (repo) => {
        await pull(repo, { fastForward: 'only' }).catch(() => undefined);
        return mergeCommit(repo, resolveRevision(repo.store, 'origin/main'), { label: 'origin/main', ...options });
      });
  const rebasing =
    (options: Omit<RebaseOptions, 'label'> = {}): Way =>
    (who) =>
      who.run((repo) => pullRebase(repo, options));
  const table: [what: string, conflict: string | undefined, way: Way, line: string][] = [
    ['nobody, when nothing is said', undefined, pulling(), '<<<<<<< HEAD'],
    ['nobody, when a person is to be asked', 'manual', pulling(), '<<<<<<< HEAD'],
    ['ours, by the option', undefined, pulling({ favor: 'ours' }), 'One, by Ben.'],
    ['theirs, by the option', undefined, pulling({ favor: 'theirs' }), 'One, by Ada.'],
    ['ours, by sync.yaml', 'ours', pulling(), 'One, by Ben.'],
    ['theirs, by sync.yaml', 'theirs', pulling(), 'One, by Ada.'],
    ['whom the option says, whatever sync.yaml says', 'theirs', pulling({ favor: 'ours' }), 'One, by Ben.'],
    ['in a merge of a revision: ours, by the option', undefined, merging({ favor: 'ours' }), 'One, by Ben.'],
    ['in a merge of a revision: theirs, by sync.yaml', 'theirs', merging(), 'One, by Ada.'],
    [
      'in a rebase: ours, by the option, is the side replayed onto',
      undefined,
      rebasing({ favor: 'ours' }),
      'One, by Ada.',
    ],
    ['in a rebase: theirs, by the option, is the commit', undefined, rebasing({ favor: 'theirs' }), 'One, by Ben.'],
    ['in a rebase: ours, by sync.yaml, is still this store', 'ours', rebasing(), 'One, by Ben.'],
    ['in a rebase: theirs, by sync.yaml, is still the origin', 'theirs', rebasing(), 'One, by Ada.'],
  ];
  for (const [what, conflict, way, line] of table) {
    const { ben } = await diverged(t);
    if (conflict) configure(ben, `sync: { conflict: ${conflict} }\n`);
    await way(ben);
    t.equal(lines(ben)[0], line, what);
    const merging = line.startsWith('<');
    if (!merging) t.strictSame(lines(ben).slice(1), MERGED, `${what}: all else is merged`);
    t.match(await ben.run(status), { merging }, `${what}: ${merging ? 'and it waits' : 'and it is done'}`);
  }
});

t.test('an import asks, whoever wins in a merge: what is on disk would be gone from there', async (t) => {
  const { ben } = await diverged(t);
  configure(ben, 'sync: { conflict: ours }\n');
  const stale = ben.read(STORY);
  await ben.run(pull);
  await ben.run((repo) => repo.worktree.writeBase(null));
  ben.write(STORY, stale.replace('One, by Ben.', 'One, on disk.'));
  t.match(await ben.run(importArtifacts), { status: 'conflicted', conflicts: [{ path: STORY, kind: 'add/add' }] });
});

t.test('git merges the same in favour of a side', async (t) => {
  for (const favor of ['ours', 'theirs'] as const) {
    const { ben } = await diverged(t);
    const folder = join(ben.root, 'git');
    await ben.run(async (repo) => {
      await pull(repo, { fastForward: 'only' }).catch(() => undefined);
      await exportGit(repo, folder);
    });
    const env = {
      PATH: process.env.PATH!,
      HOME: ben.root,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    const as = ['-c', 'user.name=x', '-c', 'user.email=x'];
    const git = (...args: string[]) => spawnSync('git', [...as, ...args], { cwd: folder, env, encoding: 'utf8' });
    const merge = git(
      'merge',
      '-q',
      '-m',
      'merge',
      '-X',
      favor,
      await ben.run(({ store }) => resolveRevision(store, 'origin/main')),
    );
    t.equal(merge.status, 0, merge.stderr);
    const planned = await ben.run((repo) =>
      planMerge(repo, resolveRevision(repo.store, 'origin/main'), { label: 'origin/main', favor }),
    );
    t.equal(`${planned.tree}\n`, git('rev-parse', 'HEAD^{tree}').stdout, favor);
  }
});

t.test('moving forward', async (t) => {
  await t.test('is refused where it will not do, when nothing else is wanted', async (t) => {
    const { ben } = await diverged(t);
    const before = [await ben.run(({ store }) => store.refs.get('HEAD')), ben.read(STORY)];
    const only = ben.run((repo) => pull(repo, { fastForward: 'only' }));
    await t.rejects(only, { code: 'FAST_FORWARD_IMPOSSIBLE', hint: /--ff-only/ });
    t.strictSame([await ben.run(({ store }) => store.refs.get('HEAD')), ben.read(STORY)], before);
  });

  await t.test('is done where it will do, or where there is nothing to do', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ada, STORY, 'One.', 'One, by Ada.');
    await ada.run(push);
    t.match((await ben.run((repo) => pull(repo, { fastForward: 'only' }))).merged, { status: 'fast-forward' });
    await commit(ben, OTHER, 'One.', 'One, by Ben.');
    t.match((await ben.run((repo) => pull(repo, { fastForward: 'only' }))).merged, { status: 'up-to-date' });
  });

  await t.test('is not done when a merge is wanted', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ada, STORY, 'One.', 'One, by Ada.');
    await ada.run(push);
    t.match((await ben.run((repo) => pull(repo, { fastForward: 'never' }))).merged, { status: 'merged' });
    const [entry] = await ben.run((repo) => log(repo));
    t.match(entry, { message: 'Merge origin/main\n', parents: { length: 2 }, paths: { length: 0 } });
    t.equal(ben.read(STORY), ada.read(STORY));
    t.match((await ben.run((repo) => pull(repo, { fastForward: 'never' }))).merged, { status: 'up-to-date' });
    await ben.run(push);
    t.match((await ada.run(pull)).merged, { status: 'fast-forward' });
  });

  await t.test('is all there is to do in an empty project, whatever is wanted', async (t) => {
    const { ada } = await pair(t);
    const eve = new Developer(t, 'eve');
    await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
    t.match((await eve.run((repo) => pull(repo, { fastForward: 'never' }))).merged, {
      status: 'fast-forward',
      from: null,
    });
  });
});

t.test('the style of sync.yaml is that of every conflict', async (t) => {
  const BASE = /^\|\|\|\|\|\|\| (.*)\n/m;
  await t.test('in a pull', async (t) => {
    const { ben } = await diverged(t);
    configure(ben, 'merge: { style: diff3 }\n');
    await ben.run(pull);
    t.match(BASE.exec(ben.read(STORY))?.[1], /^[0-9a-f]{7}$/);
  });
  await t.test('in a rebase', async (t) => {
    const { ben } = await diverged(t);
    configure(ben, 'merge: { style: zdiff3 }\n');
    await ben.run(pullRebase);
    t.match(BASE.exec(ben.read(STORY))?.[1], /^parent of [0-9a-f]{7} \(Import .*\)$/);
  });
  await t.test('in an import', async (t) => {
    const { ben } = await pair(t);
    configure(ben, 'merge: { style: diff3 }\n');
    const [story, base] = [ben.read(STORY), ben.read('.agent-sync-base')];
    await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    ben.write('.agent-sync-base', base);
    ben.write(STORY, story.replace('DRAFT', 'ICEBOX'));
    t.match(await ben.run(importArtifacts), { status: 'conflicted' });
    t.equal(BASE.exec(ben.read(STORY))?.[1], 'last export');
  });
});
