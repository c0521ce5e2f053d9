import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  abortMerge,
  checkExport,
  continueMerge,
  fetch,
  fsck,
  importArtifacts,
  listArtifacts,
  log,
  mergeCommit,
  type PushRequest,
  planPull,
  pull,
  push,
  pushWithPull,
  type Repository,
  removeArtifact,
  resolveConflict,
  SyncError,
  setState,
  status,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { OTHER, pair, STORY } from '../../e2e/pair.js';
import { killedBeforeWriting, withEvent } from './with-event.js';

/** Both change the state of the first Story, Ada pushes, and Ben, who also edited the second, pulls into a conflict. */
async function conflict(
  t: Test,
  pullInto = (ben: Developer): Promise<unknown> => ben.run(pull),
): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
  ada.edit(OTHER, 'One.', 'One, by Ada.');
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run((repo) => setState(repo, 'SYNC-001', 'REVIEW_NEEDED'));
  await pullInto(ben);
  t.match(await ben.run(status), { merging: true, conflicts: [{ path: STORY, kind: 'content' }] });
  return { ada, ben };
}

const snapshot = (developer: Developer) => [STORY, OTHER, '.agent-sync-base'].map((path) => developer.read(path));

t.test('pulling', async (t) => {
  await t.test('tries a merge without doing it, when asked', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    const before = [await ben.run((repo) => repo.store.refs.get('HEAD')), ...snapshot(ben)];
    const planned = await ben.run(planPull);
    t.match(planned, {
      fetched: { refs: [{ name: 'refs/remotes/origin/main' }], dryRun: true },
      merge: {
        status: 'fast-forward',
        unchanged: 1,
        artifacts: [{ path: STORY, outcome: 'fast', side: 'theirs', state: { before: 'DRAFT', after: 'COMMITTED' } }],
      },
    });
    t.strictSame([await ben.run((repo) => repo.store.refs.get('HEAD')), ...snapshot(ben)], before);
  });

  await t.test('stops before it overwrites an edit that was not imported', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    ben.edit(STORY, 'Five.', 'Five, not imported.');
    await t.rejects(ben.run(pull), { code: 'LOCAL_CHANGES', message: new RegExp(STORY), hint: /import/ });
    t.match(ben.read(STORY), /not imported/);
    await ben.run(importArtifacts);
    t.match((await ben.run(pull)).merged, { status: 'merged' }, 'once imported, it takes part in the merge');
    t.match(ben.read(STORY), /COMMITTED[\s\S]*not imported/);
  });

  await t.test('leaves an edit alone that is not in its way', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    ben.edit(OTHER, 'Five.', 'Five, not imported.');
    t.match((await ben.run(pull)).merged, { status: 'fast-forward' });
    t.match(await ben.run(status), { disk: [{ path: OTHER, change: 'modified' }] });
  });

  await t.test('again after it was killed brings the disk to what was merged', async (t) => {
    const { ada, ben } = await pair(t);
    const stale = snapshot(ben);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    await ben.run(pull);
    for (const [i, path] of [STORY, OTHER, '.agent-sync-base'].entries()) ben.write(path, stale[i]!);
    t.match((await ben.run(pull)).merged, { status: 'up-to-date' });
    t.match(ben.read(STORY), /COMMITTED/);
    t.strictSame(await ben.run(checkExport), []);
  });

  await t.test('twice at once comes to the same as once', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    await ben.run((repo) => Promise.all([pull(repo), pull(repo)]));
    t.strictSame(snapshot(ben), snapshot(ada));
    t.strictSame((await ben.run((repo) => fsck(repo.store))).problems, []);
  });

  await t.test('leaves alone what somebody writes while it writes, and the next import merges it', async (t) => {
    const { ada, ben } = await pair(t);
    for (const id of ['SYNC-001', 'SYNC-002']) await ada.run((repo) => setState(repo, id, 'COMMITTED'));
    await ada.run(push);
    const editOther = () => ben.edit(OTHER, 'Five.', 'Five, in the middle of it.');
    await ben.run((repo) => pull({ ...repo, worktree: withEvent(repo.worktree, 'write', editOther) }));
    t.match(ben.read(STORY), /COMMITTED/);
    t.match(ben.read(OTHER), /DRAFT[\s\S]*in the middle of it/);
    t.match(await ben.run(status), { disk: [{ path: OTHER, change: 'modified' }] });
    await ben.run(importArtifacts);
    t.match(ben.read(OTHER), /COMMITTED[\s\S]*in the middle of it/);
  });

  await t.test('refuses histories that have nothing in common, unless told to', async (t) => {
    const { ada } = await pair(t);
    const eve = new Developer(t, 'eve');
    await eve.init();
    eve.write(STORY, ada.read(STORY));
    await eve.run(importArtifacts);
    await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
    await t.rejects(eve.run(pull), { code: 'UNRELATED_HISTORIES' });
    const { merged } = await eve.run((repo) => pull(repo, { allowUnrelated: true }));
    t.match(merged, { status: 'merged' }, 'the same files on both sides are no conflict');
    t.equal(eve.read(OTHER), ada.read(OTHER));
  });
});

t.test('pushing again after the answer was lost', async (t) => {
  const lostAnswer = async (repo: Repository): Promise<Repository> => {
    const remote = await repo.connect();
    const push = async (request: PushRequest): Promise<never> => {
      await remote.push(request);
      throw new SyncError('ORIGIN_UNREACHABLE', 'the line went dead');
    };
    return { ...repo, connect: async () => ({ ...remote, push }) };
  };

  await t.test('finds that all is there', async (t) => {
    const { ben } = await pair(t);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await t.rejects(
      ben.run(async (repo) => push(await lostAnswer(repo))),
      { code: 'ORIGIN_UNREACHABLE' },
    );
    t.match(await ben.run(status), { ahead: 1 }, 'nothing was reported that was not acknowledged');
    t.match(await ben.run(push), { status: 'up-to-date' });
    t.match(await ben.run(status), { ahead: 0, behind: 0 });
    t.match(await ben.run(pull), { fetched: { refs: { length: 0 } }, merged: { status: 'up-to-date' } });
  });

  await t.test('merges with what others pushed on top of it, and has every commit once', async (t) => {
    const { ada, ben } = await pair(t);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await t.rejects(ben.run(async (repo) => push(await lostAnswer(repo))));
    await ada.run(pull);
    await ada.run((repo) => setState(repo, 'SYNC-002', 'COMMITTED'));
    await ada.run(push);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'REVIEW_NEEDED'));
    t.match(await ben.run((repo) => pushWithPull(repo)), { status: 'pushed' });
    await ada.run(pull);
    t.strictSame(snapshot(ada), snapshot(ben));
    const subjects = (await ada.run((repo) => log(repo))).map(({ message }) => message.trim());
    t.equal(subjects.filter((subject) => subject === 'Set SYNC-001 to COMMITTED').length, 1);
    t.same(await ben.run(listArtifacts), await ada.run(listArtifacts));
  });
});

t.test('an origin that was lost', async (t) => {
  await t.test('is filled again by a push, and those who were ahead of its numbers miss nothing', async (t) => {
    const { ada, ben } = await pair(t);
    for (const file of readdirSync(ada.root).filter((name) => name.startsWith('origin.db')))
      rmSync(join(ada.root, file));
    await t.rejects(ben.run(pull), { code: 'ORIGIN_UNREACHABLE', message: /is not there/ });
    await ben.init();
    await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    t.match(await ben.run(push), { status: 'pushed', commits: 2 });
    for (const state of ['REVIEW_NEEDED', 'COMMITTED']) {
      t.match((await ada.run(pull)).merged, { status: 'fast-forward' });
      t.strictSame(snapshot(ada), snapshot(ben));
      t.strictSame((await ada.run((repo) => fsck(repo.store))).problems, []);
      await ben.run((repo) => setState(repo, 'SYNC-001', state));
      await ben.run(push);
    }
  });
});

t.test('a pull that stopped for a conflict', async (t) => {
  await t.test('has merged everything else, on disk as well', async (t) => {
    const { ben } = await conflict(t);
    t.match(ben.read(OTHER), /One, by Ada/);
    t.match(ben.read(STORY), /<<<<<<< HEAD\nREVIEW_NEEDED\n=======\nCOMMITTED\n>>>>>>> origin\/main\n/);
    t.match(await ben.run(status), { merging: true, conflicts: [{ path: STORY }], disk: { length: 0 } });
  });

  await t.test('is undone by an abort to the byte, whatever was tried meanwhile', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    ada.edit(OTHER, 'One.', 'One, by Ada.');
    await ada.run(importArtifacts);
    await ada.run(push);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'REVIEW_NEEDED'));
    const before = [await ben.run((repo) => repo.store.refs.get('HEAD')), ...snapshot(ben)];
    await ben.run(pull);
    ben.write(STORY, 'half a resolution\n');
    t.strictSame([...(await ben.run(abortMerge))].sort(), [STORY, OTHER]);
    t.strictSame([await ben.run((repo) => repo.store.refs.get('HEAD')), ...snapshot(ben)], before);
    t.match(await ben.run(status), { merging: false, disk: { length: 0 } });
    await t.rejects(ben.run(abortMerge), { code: 'MERGE_NOT_IN_PROGRESS' });
    const kept = ben.run((repo) =>
      [...repo.store.objects.list()].some((oid) => text(repo, oid) === 'half a resolution\n'),
    );
    t.ok(await kept, 'and what was on disk in between is still in the store');
  });

  await t.test('is undone by an abort where the conflict itself left the disk alone', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => removeArtifact(repo, 'SYNC-001'));
    await ada.run(push);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    const before = snapshot(ben);
    t.match((await ben.run(pull)).merged, { conflicts: [{ kind: 'modify/delete' }] });
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', 'theirs'));
    t.notOk(existsSync(ben.file(STORY)));
    await ben.run(abortMerge);
    t.strictSame(snapshot(ben), before);
  });

  await t.test('and was killed before the disk followed is finished without taking back what others did', async (t) => {
    const { ben } = await conflict(t, async (developer) => {
      const stale = snapshot(developer);
      const killed = developer.run((repo) => pull({ ...repo, worktree: killedBeforeWriting(repo.worktree) }));
      await t.rejects(killed, { message: 'killed' });
      t.strictSame(snapshot(developer), stale);
    });
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', 'ours'));
    await ben.run(continueMerge);
    t.match(ben.read(OTHER), /One, by Ada/);
    t.match(await ben.run(status), { disk: { length: 0 } });
    t.match(await ben.run(importArtifacts), { status: 'unchanged' });
  });

  const answers: [sentence: string, answer: 'ours' | 'theirs', state: RegExp][] = [
    ['ours', 'ours', /REVIEW_NEEDED/],
    ['theirs', 'theirs', /COMMITTED/],
  ];
  for (const [sentence, answer, state] of answers) {
    await t.test(`is settled with ${sentence}, committed with two parents, and can be pushed`, async (t) => {
      const { ada, ben } = await conflict(t);
      await ben.run((repo) => resolveConflict(repo, 'SYNC-001', answer));
      t.match(ben.read(STORY), state);
      t.match(
        await ben.run(status),
        { merging: true, disk: { length: 0 } },
        'and the answer on disk is nothing to import',
      );
      const { parents } = await ben.run(continueMerge);
      t.equal(parents.length, 2);
      t.match(await ben.run(push), { status: 'pushed', commits: 2 });
      await ada.run(pull);
      t.strictSame(snapshot(ada), snapshot(ben));
      t.match(await ben.run(status), { disk: { length: 0 }, merging: false });
      t.strictSame((await ben.run((repo) => fsck(repo.store))).problems, []);
    });
  }

  await t.test('leaves what was written over an answer for the next import, which takes it as it is', async (t) => {
    const { ben } = await conflict(t);
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', 'ours'));
    ben.edit(STORY, 'REVIEW_NEEDED', 'ACCEPTED');
    await ben.run(continueMerge);
    t.match(await ben.run(status), { disk: [{ path: STORY, change: 'modified' }] });
    t.match(await ben.run(importArtifacts), { status: 'imported' });
    t.match(ben.read(STORY), /ACCEPTED/);
  });

  await t.test('is not settled by a text that still has its markers', async (t) => {
    const { ben } = await conflict(t);
    const bytes = readFileSync(ben.file(STORY));
    await t.rejects(
      ben.run((repo) => resolveConflict(repo, 'SYNC-001', { bytes })),
      { code: 'MERGE_UNRESOLVED' },
    );
    const shown = Buffer.from(`${storyText('SYNC-001', 'One')}\n<<<<<<< yours\n=======\n>>>>>>> mine\n`);
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', { bytes: shown }));
    t.equal(ben.read(STORY), shown.toString(), 'others, which the text only shows, are no matter');
  });

  await t.test('knows its markers by whatever name the other side had', async (t) => {
    const { ada, ben } = await pair(t);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    await ada.run(push);
    await ben.run((repo) => setState(repo, 'SYNC-001', 'REVIEW_NEEDED'));
    const { refs } = await ben.run(fetch);
    await ben.run((repo) => mergeCommit(repo, refs[0]!.to, { label: "ada's" }));
    t.match(ben.read(STORY), />>>>>>> ada's\n/);
    const bytes = readFileSync(ben.file(STORY));
    await t.rejects(async () => ben.run((repo) => resolveConflict(repo, 'SYNC-001', { bytes })), {
      code: 'MERGE_UNRESOLVED',
    });
  });

  await t.test('between an edit and a removal keeps the edit on disk, and either may win', async (t) => {
    for (const answer of ['ours', 'theirs'] as const) {
      const { ada, ben } = await pair(t);
      await ada.run((repo) => removeArtifact(repo, 'SYNC-001'));
      await ada.run(push);
      await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
      t.match((await ben.run(pull)).merged, { conflicts: [{ path: STORY, kind: 'modify/delete', theirs: null }] });
      t.match(ben.read(STORY), /COMMITTED/);
      await ben.run((repo) => resolveConflict(repo, 'SYNC-001', answer));
      await ben.run(continueMerge);
      const listed = await ben.run((repo) => repo.store.index.list().map(({ path }) => path));
      t.strictSame(listed, answer === 'ours' ? [STORY, OTHER] : [OTHER]);
      t.match(await ben.run(status), { disk: { length: 0 } });
    }
  });

  await t.test('between a file and a folder of its name keeps both, the file under another name', async (t) => {
    const { ada, ben } = await pair(t);
    const [place, below] = ['plans/A.md', 'plans/A.md/A-1.md'];
    ada.write(below, '# A-1: below\n\nStatus: PROPOSED\n');
    await ada.run(importArtifacts);
    await ada.run(push);
    ben.write(place, '# A: in its place\n\nStatus: PROPOSED\n');
    await ben.run(importArtifacts);
    const moved = `${place}~HEAD`;
    t.match((await ben.run(pull)).merged, { conflicts: [{ path: moved, kind: 'file/directory' }] });
    t.match(ben.read(moved), /in its place/);
    t.match(ben.read(below), /below/);
    await ben.run((repo) => resolveConflict(repo, moved, 'ours'));
    await ben.run(continueMerge);
    t.match(await ben.run(status), { disk: { length: 0 }, merging: false });
    t.match(ben.read(moved), /in its place/);
  });

  await t.test('counts once in the history of the artifact that it settled', async (t) => {
    const { ben } = await conflict(t);
    await ben.run((repo) => resolveConflict(repo, 'SYNC-001', 'ours'));
    await ben.run(continueMerge);
    const subjects = (artifact: string) =>
      ben.run((repo) => log(repo, { artifact }).map(({ message }) => message.split('\n')[0]));
    t.strictSame((await subjects('SYNC-001')).sort(), [
      'Import 2 artifacts',
      'Set SYNC-001 to COMMITTED',
      'Set SYNC-001 to REVIEW_NEEDED',
    ]);
    t.equal((await subjects('SYNC-002')).length, 2);
  });
});

function text(repo: Parameters<typeof status>[0], oid: string): string {
  return Buffer.from(repo.store.objects.read(oid).body).toString();
}
