import { rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import {
  editArtifact,
  findArtifact,
  importArtifacts,
  log,
  readArtifact,
  removeArtifact,
  setState,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';

async function project(t: Test, text: string | Uint8Array = storyText('SYNC-001', 'One')): Promise<Developer> {
  const ada = new Developer(t, 'ada');
  await ada.init();
  ada.write(STORY, text);
  await ada.run(importArtifacts);
  return ada;
}

t.test('two changes of one artifact at once', async (t) => {
  await t.test('both stay, where one is a change of state', async (t) => {
    const ada = await project(t);
    const bytes = Buffer.from(storyText('SYNC-001', 'One').replace('Five.', 'Five, edited.'));
    await ada.run((repo) =>
      Promise.all([editArtifact(repo, 'SYNC-001', bytes), setState(repo, 'SYNC-001', 'COMMITTED')]),
    );
    t.match(ada.read(STORY), /COMMITTED[\s\S]*Five, edited\./);
  });

  await t.test('are refused the second, where it is a text made from what was there before', async (t) => {
    const ada = await project(t);
    const bytes = Buffer.from(storyText('SYNC-001', 'One').replace('Five.', 'Five, edited.'));
    await ada.run(async (repo) => {
      const from = findArtifact(repo, 'SYNC-001').oid;
      const state = setState(repo, 'SYNC-001', 'COMMITTED');
      await t.rejects(editArtifact(repo, 'SYNC-001', bytes, { from }), { code: 'REF_CHANGED' });
      await state;
    });
    t.match(ada.read(STORY), /COMMITTED[\s\S]*Five\./);
  });
});

t.test('a change', async (t) => {
  await t.test('to what is there already makes no commit', async (t) => {
    const ada = await project(t);
    t.match(await ada.run((repo) => setState(repo, 'SYNC-001', 'DRAFT')), { status: 'unchanged', path: STORY });
    const same = await ada.run((repo) => editArtifact(repo, 'SYNC-001', readArtifact(repo, 'SYNC-001').bytes));
    t.match(same, { status: 'unchanged' });
    t.equal((await ada.run((repo) => log(repo))).length, 1);
  });

  await t.test('of the state leaves every other byte alone', async (t) => {
    const ada = await project(t, '\ufeff# SYNC-001: One\r\n\r\n## State\r\nDRAFT\r\n\r\nno newline at the end');
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    t.equal(ada.read(STORY), '\ufeff# SYNC-001: One\r\n\r\n## State\r\nCOMMITTED\r\n\r\nno newline at the end');
  });

  await t.test(
    'stops before it overwrites an edit that was not imported, and a removal before it deletes one',
    async (t) => {
      const ada = await project(t);
      ada.edit(STORY, 'Five.', 'Five, not imported.');
      await t.rejects(
        ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED')),
        { code: 'LOCAL_CHANGES' },
      );
      await t.rejects(
        ada.run((repo) => removeArtifact(repo, 'SYNC-001')),
        { code: 'LOCAL_CHANGES' },
      );
      t.match(ada.read(STORY), /not imported/);
      t.equal((await ada.run((repo) => log(repo))).length, 1);
    },
  );

  await t.test('of a file that is gone from disk brings it back changed, and its removal leaves nothing', async (t) => {
    const ada = await project(t);
    rmSync(ada.file(STORY));
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    t.match(ada.read(STORY), /COMMITTED/);
    rmSync(ada.file(STORY));
    await ada.run((repo) => removeArtifact(repo, 'SYNC-001'));
    t.match(await ada.run(importArtifacts), { status: 'unchanged' });
  });
});
