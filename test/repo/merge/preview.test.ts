import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  importArtifacts,
  type MergeOutcome,
  mergeCommit,
  type PullPlan,
  planMerge,
  planPull,
  planPullRebase,
  pull,
  pullRebase,
  push,
  type Repository,
  removeArtifact,
  resolveRevision,
  setState,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';

const MINE = 'stories/SYNC/SYNC-003-mine.md';
const GONE = 'stories/SYNC/SYNC-004-gone.md';
const SAME = 'stories/SYNC/SYNC-005-same.md';

/** Ada and Ben with something of every kind between them: Ada has pushed, Ben has committed, and neither has seen the other's. */
async function diverged(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  ada.write(GONE, storyText('SYNC-004', 'Gone'));
  ada.write(SAME, storyText('SYNC-005', 'Same'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  await commit(ada, STORY, 'DRAFT', 'REVIEW_NEEDED');
  await commit(ada, OTHER, 'One.', 'One, by Ada.');
  await ada.run((repo) => removeArtifact(repo, 'SYNC-004'));
  await ada.run(push);
  await commit(ben, STORY, 'DRAFT', 'ICEBOX');
  await commit(ben, OTHER, 'Five.', 'Five, by Ben.');
  ben.write(MINE, storyText('SYNC-003', 'Mine'));
  await ben.run(importArtifacts);
  return { ada, ben };
}

/** Everything there is in a project's folder: bytes and modification times. */
function everything({ root }: Developer): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !statSync(join(root, path)).isDirectory(),
  );
  return Object.fromEntries(
    files.sort().map((path) => {
      const hash = createHash('sha1')
        .update(readFileSync(join(root, path)))
        .digest('hex');
      return [path, /-shm$|-wal$/.test(path) ? 'SQLite' : `${hash} ${statSync(join(root, path)).mtimeMs}`];
    }),
  );
}

const found = ({ artifacts }: MergeOutcome) =>
  artifacts.map(({ path, outcome, side, state, disk }) => [path, outcome, side, state.before, state.after, disk]);

t.test('a preview tells what becomes of every artifact', async (t) => {
  const { ben } = await diverged(t);
  const { fetched, merge } = (await ben.run(planPull)) as PullPlan & { merge: MergeOutcome };
  t.match(fetched, { refs: [{ name: 'refs/remotes/origin/main', forced: false }], dryRun: true });
  t.ok(fetched.received > 3);
  t.equal(merge.status, 'conflicted');
  t.equal(merge.unchanged, 1, SAME);
  t.strictSame(found(merge), [
    [STORY, 'conflicted', 'both', 'ICEBOX', null, 'written'],
    [OTHER, 'merged', 'both', 'DRAFT', 'DRAFT', 'written'],
    [MINE, 'fast', 'ours', 'DRAFT', 'DRAFT', 'untouched'],
    [GONE, 'fast', 'theirs', 'DRAFT', null, 'removed'],
  ]);
  t.match(merge.artifacts[0]?.conflict, {
    kind: 'content',
    message: `CONFLICT (content): Merge conflict in ${STORY}`,
    hunks: 1,
  });
  t.match(
    merge.messages.map(({ type }) => type),
    ['Auto-merging', 'CONFLICT (contents)', 'Auto-merging'],
  );

  const { merged } = await ben.run(pull);
  t.match(merged, { status: 'conflicted', conflicts: [{ path: STORY }] }, 'and so it comes');
  const shown = await ben.run(({ store }) => store.merge.get()?.tree);
  t.equal(shown, merge.tree);
});

t.test('a preview writes nothing', async (t) => {
  const { ada, ben } = await diverged(t);
  const previews: [what: string, useCase: (repo: Repository) => Promise<unknown>][] = [
    ['of a pull', planPull],
    ['of a pull with rebase', planPullRebase],
    ['of a merge', async (repo) => planMerge(repo, resolveRevision(repo.store, 'HEAD~1'), { label: 'HEAD~1' })],
  ];
  // Opening the store once leaves its files as every later opening does.
  await ben.run(({ store }) => store.refs.head());
  const origin = join(ada.root, 'origin.db');
  for (const [what, useCase] of previews) {
    const before = [everything(ben), readFileSync(origin)];
    await ben.run(async (repo) => {
      const objects = [...repo.store.objects.list()].length;
      await useCase(repo);
      t.equal([...repo.store.objects.list()].length, objects, `${what}: no object`);
      t.equal(repo.store.merge.get(), undefined, `${what}: no merge`);
    });
    t.strictSame([everything(ben), readFileSync(origin)], before, `${what}: no byte`);
  }
});

t.test('a preview says what would be refused for the sake of the disk', async (t) => {
  const { ben } = await diverged(t);
  ben.edit(OTHER, 'Three.', 'Three, not imported.');
  ben.write(SAME, "In nobody's way.\n");
  const merge = (await ben.run(planPull)).merge!;
  t.strictSame(merge.blocked, [OTHER]);
  t.equal(merge.artifacts.find(({ path }) => path === OTHER)?.disk, 'blocked');
  await t.rejects(ben.run(pull), { code: 'LOCAL_CHANGES', message: new RegExp(OTHER) });
});

t.test('a preview without conflicts comes true', async (t) => {
  await t.test('moving forward', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    const { merge } = await ben.run(planPull);
    t.match(merge, { status: 'fast-forward', unchanged: 1, blocked: { length: 0 } });
    t.strictSame(found(merge!), [[STORY, 'fast', 'theirs', 'DRAFT', 'COMMITTED', 'written']]);
    await ben.run(pull);
    t.match((await ben.run(planPull)).merge, { status: 'up-to-date', artifacts: { length: 0 }, unchanged: 2 });
  });

  await t.test('into a project that has nothing yet', async (t) => {
    const { ada } = await pair(t);
    const eve = new Developer(t, 'eve');
    const origin = `file:${join(ada.root, 'origin.db')}`;
    await eve.init();
    await eve.run((repo) => t.rejects(planPull(repo), { code: 'ORIGIN_NOT_CONFIGURED' }));
    await eve.init({ origin, project: 'pair' });
    const { merge } = await eve.run(planPull);
    t.match(merge, { status: 'fast-forward', ours: null, unchanged: 0, artifacts: [{ path: STORY }, { path: OTHER }] });
  });

  await t.test('from an origin that has nothing yet', async (t) => {
    const eve = new Developer(t, 'eve');
    await eve.init({ origin: `file:${join(eve.root, 'origin.db')}`, project: 'eve' });
    t.match(await eve.run(planPull), { fetched: { received: 0 }, merge: undefined });
  });

  await t.test('merging', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ada, STORY, 'One.', 'One, by Ada.');
    await ada.run(push);
    await commit(ben, STORY, 'Five.', 'Five, by Ben.');
    const { merge } = await ben.run(planPull);
    t.match(merge, { status: 'merged', artifacts: [{ path: STORY, outcome: 'merged' }] });
    await ben.run(pull);
    t.equal(merge?.artifacts[0]?.after?.oid, await ben.run(({ store }) => store.index.get(STORY)?.oid));
  });
});

t.test('a preview of a pull with rebase tells which commits are replayed', async (t) => {
  const { ben } = await diverged(t);
  const { rebase } = await ben.run(planPullRebase);
  t.match(rebase, {
    status: 'conflicted',
    commits: [{ outcome: 'conflicted' }, { outcome: 'waiting' }, { outcome: 'waiting' }],
    artifacts: [{ path: STORY, outcome: 'conflicted', conflict: { kind: 'content', hunks: 1 } }],
  });
  t.match((await ben.run(pullRebase)).rebased, { status: 'conflicted', commit: rebase?.commits[0]?.commit });

  const { ada, ben: eve } = await pair(t);
  await commit(ada, STORY, 'One.', 'One, by both.');
  await commit(ada, STORY, 'Two.', 'Two, by Ada.');
  await ada.run(push);
  await commit(eve, STORY, 'One.', 'One, by both.');
  await commit(eve, STORY, 'Five.', 'Five, by Eve.');
  const plan = await eve.run(planPullRebase);
  t.match(plan.rebase, { status: 'rebased', commits: [{ outcome: 'dropped' }, { outcome: 'replayed' }] });
  t.match((await eve.run(pullRebase)).rebased, { status: 'rebased', commits: [{ to: null }, { to: /./ }] });
  t.equal(await eve.run(({ store }) => store.index.get(STORY)?.oid), plan.rebase?.artifacts[0]?.after?.oid);
  t.match((await eve.run(planPullRebase)).rebase, { status: 'up-to-date', commits: { length: 0 } });
});

t.test('any revision can be merged, and tried first', async (t) => {
  const { ben } = await diverged(t);
  await ben.run(async (repo) => {
    const theirs = resolveRevision(repo.store, 'HEAD~1');
    t.match(await planMerge(repo, theirs, { label: 'HEAD~1' }), { status: 'up-to-date' });
    t.match(await mergeCommit(repo, theirs, { label: 'HEAD~1' }), { status: 'up-to-date' });
  });
});
