import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  abortMerge,
  abortRebase,
  checkExport,
  continueMerge,
  continueRebase,
  fsck,
  importArtifacts,
  log,
  mergeCommit,
  pull,
  pullRebase,
  push,
  type Repository,
  rebase,
  resolveConflict,
  resolveRevision,
  setState,
  skipCommit,
  status,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';
import { killedAfter, killedBeforeWriting } from '../sync/with-event.js';

const THIRD = 'stories/SYNC/SYNC-003-three.md';
const FILES = [STORY, OTHER, '.agent-sync-base'];

/** Ada rewrote two lines of the first Story; Ben those two, in a commit each, with one on the other Story in between. */
async function diverged(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await commit(ada, STORY, 'Five.', 'Five, by Ada.');
  await ada.run(push);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  await commit(ben, OTHER, 'Three.', 'Three, by Ben.');
  await commit(ben, STORY, 'Five.', 'Five, by Ben.');
  return { ada, ben };
}

const snapshot = (who: Developer) => FILES.map((path) => who.read(path));
const head = (who: Developer, revision = 'HEAD') => who.run((repo) => resolveRevision(repo.store, revision));
const messages = (who: Developer) => who.run((repo) => log(repo).map(({ message }) => message.trim()));
const settle = (who: Developer, answer: 'ours' | 'theirs') =>
  who.run((repo) => resolveConflict(repo, STORY, { hunks: new Map([[1, answer]]) }));

async function checkWhole(t: Test, who: Developer): Promise<void> {
  t.strictSame(await who.run(checkExport), [], 'the files on disk are those of HEAD');
  t.strictSame(await who.run(importArtifacts), { status: 'unchanged', warnings: [] }, 'and an import finds nothing');
  t.strictSame((await who.run((repo) => fsck(repo.store))).problems, [], 'nothing is missing');
}

t.test('pulling with rebase', async (t) => {
  await t.test('replays what the origin lacks, and keeps who wrote it and when', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ada, STORY, 'One.', 'One, by Ada.');
    await ada.run(push);
    await commit(ben, STORY, 'Five.', 'Five, by Ben.');
    await ben.run((repo) => setState(repo, 'SYNC-002', 'COMMITTED'));
    const before = await ben.run((repo) => log(repo, { limit: 2 }));
    const from = await head(ben);
    const { rebased } = await ben.run(pullRebase);
    t.match(rebased, { status: 'rebased', from, commits: [{ from: before[1]!.oid }, { from: before[0]!.oid }] });
    const after = await ben.run((repo) => log(repo, { limit: 3 }));
    t.equal(after[2]!.oid, await head(ben, 'origin/main'), 'on top of what the origin has');
    for (const [i, { message, actor, time, offset, paths }] of before.entries()) {
      t.match(after[i], { message, actor, time, offset, paths });
      t.equal(after[i]!.parents.length, 1, 'history stays a line');
    }
    t.match(ben.read(STORY), /One, by Ada\.[\s\S]*Five, by Ben\./);
    const [entry] = await ben.run((repo) => repo.store.refs.reflog('HEAD'));
    t.match(entry, { from, message: /^rebase \(finish\): refs\/heads\/main onto [0-9a-f]{40}$/ });
    await checkWhole(t, ben);
    t.match(await ben.run(push), { status: 'pushed', commits: 2 });
  });

  await t.test(
    'moves forward when there is nothing to replay, and does nothing when there is nothing to get',
    async (t) => {
      const { ada, ben } = await pair(t);
      await commit(ada, STORY, 'One.', 'One, by Ada.');
      await ada.run(push);
      t.match((await ben.run(pullRebase)).rebased, {
        status: 'fast-forward',
        to: await head(ada),
        commits: { length: 0 },
      });
      t.strictSame(snapshot(ben), snapshot(ada));
      t.match((await ben.run(pullRebase)).rebased, { status: 'up-to-date' });
      await commit(ben, STORY, 'Five.', 'Five, by Ben.');
      t.match((await ben.run(pullRebase)).rebased, { status: 'up-to-date', commit: await head(ben) });

      const eve = new Developer(t, 'eve');
      await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
      t.match((await eve.run(pullRebase)).rebased, { status: 'fast-forward', from: null });
      t.strictSame(snapshot(eve), snapshot(ada));
    },
  );

  await t.test('leaves merges out, and what the origin has already', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ben, OTHER, 'One.', 'One, by Ben.');
    await commit(ada, STORY, 'One.', 'One, by both.');
    await ada.run(push);
    await ben.run(pull);
    await commit(ben, STORY, 'Five.', 'Five, by both.');
    await commit(ada, STORY, 'Five.', 'Five, by both.');
    await ada.run(push);
    const { rebased } = await ben.run(pullRebase);
    t.match(rebased, { status: 'rebased', commits: [{ to: null }, { to: /./ }] });
    t.strictSame((await messages(ben)).slice(0, 1), [`Import ${OTHER}`]);
    t.equal((await ben.run(status)).ahead, 1);
    await checkWhole(t, ben);
  });

  await t.test('stops before it overwrites an edit that was not imported, and leaves others alone', async (t) => {
    const { ada, ben } = await pair(t);
    await commit(ada, STORY, 'One.', 'One, by Ada.');
    await ada.run(push);
    await commit(ben, STORY, 'Five.', 'Five, by Ben.');
    const from = await head(ben);
    ben.edit(STORY, 'Three.', 'Three, not imported.');
    await t.rejects(ben.run(pullRebase), { code: 'LOCAL_CHANGES', message: new RegExp(STORY) });
    t.equal(await head(ben), from);
    t.match(ben.read(STORY), /not imported/);
    ben.edit(STORY, 'Three, not imported.', 'Three.');
    ben.edit(OTHER, 'Three.', 'Three, not imported.');
    t.match((await ben.run(pullRebase)).rebased, { status: 'rebased' });
    t.match(await ben.run(status), { disk: [{ path: OTHER, change: 'modified' }] });
  });

  await t.test('refuses histories that have nothing in common, unless told to', async (t) => {
    const { ada } = await pair(t);
    const eve = new Developer(t, 'eve');
    await eve.init();
    eve.write(THIRD, storyText('SYNC-003', 'Three'));
    await eve.run(importArtifacts);
    await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
    await t.rejects(eve.run(pullRebase), { code: 'UNRELATED_HISTORIES' });
    await eve.run((repo) => pullRebase(repo, { allowUnrelated: true }));
    t.strictSame(await messages(eve), [`Import ${THIRD}`, 'Import 2 artifacts']);
    await checkWhole(t, eve);
  });
});

t.test('a rebase that conflicts', async (t) => {
  await t.test('stops at the commit, and goes on once that is settled', async (t) => {
    const { ada, ben } = await diverged(t);
    const from = await head(ben);
    const { rebased } = await ben.run(pullRebase);
    t.match(rebased, {
      status: 'conflicted',
      commits: { length: 0 },
      todo: { length: 2 },
      conflicts: [{ path: STORY }],
    });
    t.equal(await head(ben), from, 'HEAD stays where it is till the end');
    t.match(
      ben.read(STORY),
      /<<<<<<< HEAD\nOne, by Ada\.\n=======\nOne, by Ben\.\n>>>>>>> [0-9a-f]{7} \(Import .*\)\n/,
    );
    t.match(await ben.run(status), { merging: true, disk: { length: 0 } });
    await t.rejects(ben.run(continueRebase), { code: 'MERGE_UNRESOLVED', message: new RegExp(STORY) });

    await settle(ben, 'theirs');
    t.match(ben.read(STORY), /One, by Ben\./);
    const second = await ben.run(continueRebase);
    t.match(second, { status: 'conflicted', commits: [{}, {}], todo: { length: 0 } }, 'the one in between is replayed');
    t.match(ben.read(STORY), /One, by Ben\.[\s\S]*<<<<<<< HEAD\nFive, by Ada\.\n/);
    t.match(ben.read(OTHER), /Three, by Ben\./);
    await settle(ben, 'theirs');
    const end = await ben.run(continueRebase);
    t.match(end, { status: 'rebased', from, to: await head(ben), commits: [{}, {}, {}] });
    t.strictSame(await messages(ben), [`Import ${STORY}`, `Import ${OTHER}`, ...(await messages(ben)).slice(2)]);
    t.match(ben.read(STORY), /One, by Ben\.[\s\S]*Five, by Ben\./);
    await checkWhole(t, ben);
    t.match(await ben.run(push), { status: 'pushed', commits: 3 });
    await ada.run(pull);
    t.strictSame(snapshot(ada), snapshot(ben));
  });

  await t.test('drops a commit that is settled to nothing', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    await settle(ben, 'ours');
    await ben.run(continueRebase);
    await settle(ben, 'ours');
    t.match(await ben.run(continueRebase), { status: 'rebased', commits: [{ to: null }, { to: /./ }, { to: null }] });
    t.equal((await ben.run(status)).ahead, 1);
    await checkWhole(t, ben);
  });

  await t.test('leaves the commit out when told to, and keeps in the store what stood on disk', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    ben.edit(STORY, 'One, by Ben.', 'One, by hand.');
    const typed = Buffer.from(ben.read(STORY));
    t.match(await ben.run(skipCommit), { status: 'conflicted', commits: [{ to: null }, { to: /./ }] });
    t.ok(await ben.run(({ store }) => store.objects.has(store.objects.hash('blob', typed))));
    t.match(await ben.run(skipCommit), { status: 'rebased', commits: [{ to: null }, { to: /./ }, { to: null }] });
    t.match(ben.read(STORY), /One, by Ada\.[\s\S]*Five, by Ada\./);
    await checkWhole(t, ben);
  });

  await t.test('goes back to exactly what was there, from its second stop as well', async (t) => {
    const { ben } = await diverged(t);
    ben.write('stories/SYNC/notes.md', "Not imported, and in nobody's way.\n");
    const before = snapshot(ben);
    const from = await head(ben);
    const reflog = await ben.run((repo) => repo.store.refs.reflog('HEAD'));
    for (const stops of [1, 2]) {
      await ben.run(pullRebase);
      if (stops === 2) {
        await settle(ben, 'theirs');
        await ben.run(continueRebase);
      }
      t.notSame(snapshot(ben), before);
      await ben.run(abortRebase);
      t.strictSame(snapshot(ben), before, `after ${stops}`);
      t.equal(await head(ben), from);
      t.strictSame(await ben.run((repo) => repo.store.refs.reflog('HEAD')), reflog);
      t.match(await ben.run(status), { merging: false, disk: [{ path: 'stories/SYNC/notes.md' }] });
    }
  });

  await t.test('lets nothing else happen meanwhile, and says how to go on', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    const refused: [what: string, useCase: (repo: Repository) => unknown, code: string][] = [
      ['push', push, 'MERGE_IN_PROGRESS'],
      ['pull', pull, 'MERGE_IN_PROGRESS'],
      ['pull with rebase', pullRebase, 'MERGE_IN_PROGRESS'],
      ['import', importArtifacts, 'MERGE_IN_PROGRESS'],
      ['set a state', (repo) => setState(repo, 'SYNC-002', 'COMMITTED'), 'MERGE_IN_PROGRESS'],
      ['continue a merge', continueMerge, 'MERGE_NOT_IN_PROGRESS'],
      ['abort a merge', async (repo) => abortMerge(repo), 'MERGE_NOT_IN_PROGRESS'],
    ];
    const before = snapshot(ben);
    for (const [what, useCase, code] of refused) {
      await t.rejects(ben.run(useCase), { code, hint: /agent sync rebase --continue/ }, what);
    }
    t.strictSame(snapshot(ben), before);
  });

  await t.test('is not mistaken for a merge, nor a merge for it', async (t) => {
    const { ben } = await diverged(t);
    await t.rejects(ben.run(continueRebase), { code: 'MERGE_NOT_IN_PROGRESS' });
    await ben.run(pull);
    const useCases = [continueRebase, skipCommit, async (repo: Repository) => abortRebase(repo)];
    for (const useCase of useCases) {
      await t.rejects(ben.run<unknown>(useCase), {
        code: 'MERGE_NOT_IN_PROGRESS',
        hint: /agent sync merge --continue/,
      });
    }
    await ben.run(abortMerge);
  });

  await t.test('does not write over what was edited after it was settled', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    await settle(ben, 'theirs');
    ben.edit(STORY, 'Three.', 'Three, as an afterthought.');
    const before = snapshot(ben);
    const refused = { code: 'LOCAL_CHANGES', message: new RegExp(STORY), hint: /agent sync resolve.*; move others/ };
    await t.rejects(ben.run(continueRebase), refused, 'importing them first is no way out');
    t.strictSame(snapshot(ben), before);
    await ben.run((repo) => resolveConflict(repo, STORY, { bytes: Buffer.from(ben.read(STORY)) }));
    await ben.run(continueRebase);
    t.match(ben.read(STORY), /Three, as an afterthought\./);
  });
});

t.test('a rebase that is killed after any number of changes on disk comes to the same', async (t) => {
  const steps: readonly ((who: Developer, changes: number) => Promise<unknown>)[] = [
    (who, changes) => who.run((repo) => pullRebase(killing(repo, changes))),
    (who, changes) => who.run((repo) => skipCommit(killing(repo, changes))),
    (who, changes) => who.run((repo) => continueRebase(killing(repo, changes))),
  ];
  /** Plays all steps, killed once in one of them; answers how that went on disk, and the end. */
  const play = async (t: Test, kill: { readonly step: number; readonly changes: number } | undefined) => {
    const { ben } = await diverged(t);
    await commit(ben, OTHER, 'Five.', 'Five, at the end.');
    for (const [i, step] of steps.entries()) {
      if (i === 2) await settle(ben, 'theirs');
      const killed =
        kill?.step === i &&
        (await step(ben, kill.changes).then(
          () => 'was through',
          (error: Error) => error.message,
        ));
      if (killed === 'was through') return undefined;
      if (killed === false) await step(ben, Number.POSITIVE_INFINITY);
      else {
        t.equal(killed, 'killed');
        // Whatever the disk shows now, an import is refused or finds nothing of its own in it.
        await ben.run(importArtifacts).then(
          (imported) => t.match(imported, { status: 'unchanged' }),
          (error) => t.match(error, { code: 'MERGE_IN_PROGRESS' }),
        );
        if (i === 2 && (await ben.run(status)).merging) await ben.run(continueRebase);
      }
    }
    await checkWhole(t, ben);
    return { files: [STORY, OTHER].map((path) => ben.read(path)), messages: await messages(ben) };
  };
  const whole = await play(t, undefined);
  t.match(whole?.files[0], /One, by Ada\.[\s\S]*Five, by Ben\./);
  for (const step of steps.keys()) {
    for (let changes = 0; ; changes++) {
      const played = await play(t, { step, changes });
      if (!played) break;
      t.strictSame(played.files, whole?.files, `step ${step} killed after ${changes}`);
      t.strictSame(played.messages, whole?.messages);
    }
  }
});

function killing(repo: Repository, changes: number): Repository {
  return { ...repo, worktree: killedAfter(repo.worktree, changes) };
}

t.test('a rebase that was killed before the disk could follow', async (t) => {
  const killed = (useCase: (repo: Repository) => Promise<unknown>) => (repo: Repository) =>
    useCase({ ...repo, worktree: killedBeforeWriting(repo.worktree) });

  await t.test('at a stop: going on shows it first', async (t) => {
    const { ben } = await diverged(t);
    const before = snapshot(ben);
    await t.rejects(ben.run(killed(pullRebase)), { message: 'killed' });
    t.strictSame(snapshot(ben), before);
    await t.rejects(ben.run(continueRebase), { code: 'MERGE_UNRESOLVED' });
    t.match(ben.read(STORY), /<<<<<<< HEAD\nOne, by Ada\./);
    await ben.run(abortRebase);
    t.strictSame(snapshot(ben), before);
  });

  await t.test('at the second stop', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    await settle(ben, 'theirs');
    const shown = snapshot(ben);
    await t.rejects(ben.run(killed(continueRebase)), { message: 'killed' });
    t.strictSame(snapshot(ben), shown);
    await t.rejects(ben.run(continueRebase), { code: 'MERGE_UNRESOLVED' });
    t.match(ben.read(STORY), /<<<<<<< HEAD\nFive, by Ada\./);
  });

  await t.test('at the end: nobody takes a step for a version, and going on brings the disk along', async (t) => {
    const { ben } = await diverged(t);
    await ben.run(pullRebase);
    await ben.run(skipCommit);
    await settle(ben, 'theirs');
    ben.write(THIRD, storyText('SYNC-003', 'Three'));
    const shown = snapshot(ben);
    const skip = killed(async (repo) => skipCommit(repo));
    await t.rejects(ben.run(skip), { message: 'killed' });
    t.strictSame(snapshot(ben), shown);
    t.match(await messages(ben), [`Import ${OTHER}`], 'HEAD is where it is to be');
    await t.rejects(ben.run(importArtifacts), { code: 'MERGE_IN_PROGRESS' });
    await t.rejects(
      ben.run(async (repo) => abortRebase(repo)),
      { code: 'MERGE_NOT_IN_PROGRESS', hint: /rebase --continue/ },
    );
    t.match(await ben.run(continueRebase), { status: 'rebased', to: await head(ben), commits: [{}, {}, {}] });
    t.match(ben.read(STORY), /One, by Ada\.[\s\S]*Five, by Ada\./);
    t.match(await ben.run(status), { merging: false, disk: [{ path: THIRD, change: 'added' }] });
  });
});

t.test('rebasing onto any revision', async (t) => {
  const { ben } = await diverged(t);
  const onto = await head(ben, 'HEAD~2');
  await ben.run(async (repo) => {
    t.match(await rebase(repo, onto, { label: 'HEAD~2' }), { status: 'up-to-date' });
    t.match(await mergeCommit(repo, onto, { label: 'HEAD~2' }), { status: 'up-to-date' });
  });
});
