import { join } from 'node:path';
import t from 'tap';
import {
  fsck,
  importArtifacts,
  log,
  pull,
  push,
  removeArtifact,
  resolveRevision,
  setState,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';

t.test('the log of an artifact', async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  ada.write(STORY, storyText('SYNC-001', 'One'));
  await ada.run(importArtifacts);
  await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
  await ada.run((repo) => removeArtifact(repo, 'SYNC-001'));

  const names = ['SYNC-001', 'sync-001', 'story/SYNC-001', 'SYNC-001-one', STORY, `.agent/cache/${STORY}`];
  for (const artifact of names) {
    await t.test(`goes on after its removal, asked for as '${artifact}'`, async (t) => {
      const entries = await ada.run((repo) => log(repo, { artifact }));
      t.strictSame(
        entries.map(({ message }) => message.trim()),
        ['Remove SYNC-001', 'Set SYNC-001 to COMMITTED', `Import ${STORY}`],
      );
    });
  }

  await t.test('of one that never was is an error', async (t) => {
    for (const artifact of ['SYNC-002', 'stories/SYNC/SYNC-002-two.md']) {
      await t.rejects(
        ada.run((repo) => log(repo, { artifact })),
        { code: 'ARTIFACT_UNKNOWN' },
      );
    }
  });
});

t.test('the check of a store finds an index row that tells of another author than the history', async (t) => {
  const ada = new Developer(t, 'ada');
  const ben = new Developer(t, 'ben');
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await ada.init({ origin, project: 'fsck' });
  ada.write(STORY, storyText('SYNC-001', 'One'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.init({ origin, project: 'fsck' });
  await ben.run(pull);
  await ben.run((repo) => {
    const { index } = repo.store;
    const [row] = index.list();
    const change = {
      kind: row!.kind,
      id: row!.id,
      commit: row!.commit,
      modified: row!.modified,
      author: 'somebody-else',
    };
    const step = { at: index.at(), removed: [], written: index.list(), handles: [], commits: [] };
    index.clear();
    index.apply({ ...step, changes: [{ ...change, generation: 1 }] });
    t.match(fsck(repo.store).problems, [{ area: 'index', subject: STORY }]);
  });
});

t.test('a revision', async (t) => {
  const ada = new Developer(t, 'ada');
  const ben = new Developer(t, 'ben');
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await ada.init({ origin, project: 'revisions' });
  await t.rejects(
    ada.run((repo) => resolveRevision(repo.store, 'HEAD')),
    { code: 'REVISION_UNKNOWN', message: /nothing has been committed/ },
  );
  for (const [i, id] of ['SYNC-001', 'SYNC-002'].entries())
    ada.write(`stories/SYNC/${id}-x.md`, storyText(id, `Story ${i}`));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.init({ origin, project: 'revisions' });
  await ben.run(pull);
  await ben.run((repo) => setState(repo, 'SYNC-002', 'COMMITTED'));
  await ben.run(push);
  await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
  const ours = await ada.run((repo) => repo.store.refs.get('HEAD')!);
  await ada.run(pull);
  const [head, theirs, root] = await ada.run((repo) => {
    const head = repo.store.refs.get('HEAD')!;
    return [
      head,
      repo.store.refs.get('refs/remotes/origin/main')!,
      repo.store.refs.reflog('refs/heads/main').at(-1)!.to!,
    ];
  });

  const names: [revision: string, commit: string][] = [
    ['HEAD', head],
    ['@', head],
    ['main', head],
    ['refs/heads/main', head],
    ['origin/main', theirs],
    ['HEAD^', ours],
    ['HEAD^0', head],
    ['HEAD^2', theirs],
    ['@~2', root],
    ['HEAD^2~1', root],
    ['main@{1}', ours],
    ['@{2}', root],
    [head, head],
    [ours.slice(0, 12), ours],
    [`${ours.slice(0, 12).toUpperCase()}~1`, root],
  ];
  for (const [revision, commit] of names) {
    await t.test(`'${revision}' names what git would`, async (t) => {
      t.equal(await ada.run((repo) => resolveRevision(repo.store, revision)), commit);
    });
  }

  const tree = await ada.run(
    (repo) => [...repo.store.objects.list()].find((oid) => repo.store.objects.typeOf(oid) === 'tree')!,
  );
  const unknown = ['', 'HEAD~3', 'HEAD^3', 'HEAD~99999999999', 'HEAD@{9}', 'other', 'abc', '0'.repeat(40), tree];
  for (const revision of unknown) {
    await t.test(`'${revision}' names nothing`, async (t) => {
      await t.rejects(
        ada.run((repo) => resolveRevision(repo.store, revision)),
        { code: 'REVISION_UNKNOWN' },
      );
    });
  }
});
