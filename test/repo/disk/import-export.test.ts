import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  abortMerge,
  checkExport,
  continueMerge,
  exportMarkdown,
  fsck,
  importArtifacts,
  listArtifacts,
  log,
  resolveConflict,
  setState,
  status,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { withEvent } from '../sync/with-event.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';
const OTHER = 'stories/SYNC/SYNC-002-two.md';

async function project(t: Test, files: Record<string, string> = {}): Promise<Developer> {
  const developer = new Developer(t, 'ada');
  await developer.init();
  for (const [path, text] of Object.entries(files)) developer.write(path, text);
  if (Object.keys(files).length > 0) await developer.run(importArtifacts);
  return developer;
}

t.test('importing', async (t) => {
  await t.test('commits what changed, once, and a second import has nothing to do', async (t) => {
    const ada = await project(t);
    ada.write(STORY, storyText('SYNC-001', 'One'));
    ada.write(OTHER, storyText('SYNC-002', 'Two'));
    t.match(await ada.run(importArtifacts), { status: 'imported', changes: [{ path: STORY }, { path: OTHER }] });
    t.match(await ada.run(importArtifacts), { status: 'unchanged' });
    t.equal((await ada.run((repo) => log(repo))).length, 1);
  });

  await t.test('takes the paths it is given and leaves the rest on disk', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    ada.write(OTHER, storyText('SYNC-002', 'Two'));
    ada.edit(STORY, 'One.', 'Edited.');
    await ada.run((repo) => importArtifacts(repo, { paths: [OTHER] }));
    t.match(await ada.run(status), { disk: [{ path: STORY, change: 'modified' }] });
    t.match(ada.read(STORY), /Edited\./);
  });

  await t.test('takes a document that is not on disk, and puts it there', async (t) => {
    const ada = await project(t);
    const bytes = Buffer.from(storyText('SYNC-001', 'One'));
    await ada.run((repo) => importArtifacts(repo, { document: { path: STORY, bytes } }));
    t.equal(ada.read(STORY), bytes.toString());
    t.match(await ada.run(status), { disk: { length: 0 } });
  });

  await t.test('of a file that changes under its hands takes what it read, whole', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    ada.edit(STORY, 'Five.', 'Five, first.');
    utimesSync(ada.file(STORY), 1, 1);
    t.match(await ada.run(status), { disk: [{ path: STORY }] }, 'its stat is known from now on');
    const saveAgain = () => ada.edit(STORY, 'first', 'second');
    await ada.run((repo) => importArtifacts({ ...repo, worktree: withEvent(repo.worktree, 'scan', saveAgain) }));
    t.strictSame((await ada.run((repo) => fsck(repo.store))).problems, []);
    t.strictSame(await ada.run(checkExport), []);
    t.match(ada.read(STORY), /second/);
  });

  await t.test('sees a file that was deleted as removed', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One'), [OTHER]: storyText('SYNC-002', 'Two') });
    rmSync(ada.file(OTHER));
    t.match(await ada.run(importArtifacts), { changes: [{ path: OTHER, after: null }] });
    t.strictSame(
      (await ada.run(listArtifacts)).map(({ path }) => path),
      [STORY],
    );
  });

  await t.test('of a stale checkout adds its own changes and reverts nobody', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One'), [OTHER]: storyText('SYNC-002', 'Two') });
    const checkout = join(ada.root, 'old');
    cpSync(ada.file(''), checkout, { recursive: true, filter: (path) => !path.includes('agent.db') });
    await ada.run((repo) => setState(repo, 'SYNC-002', 'COMMITTED'));

    // As 'git checkout' of an older commit of the Markdown would: old files, and the old base beside them.
    cpSync(checkout, ada.file(''), { recursive: true });
    ada.edit(STORY, 'One.', 'One, from the old checkout.');
    t.match(await ada.run(importArtifacts), { status: 'imported', changes: [{ path: STORY }] });
    t.match(ada.read(OTHER), /COMMITTED/, "and the disk shows the others' work");
    t.match(ada.read(STORY), /old checkout/);
  });

  await t.test('of a fresh clone without store or origin begins a history', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    const clone = new Developer(t, 'clone');
    cpSync(ada.file(''), clone.file(''), { recursive: true, filter: (path) => !path.includes('agent.db') });
    await clone.init();
    t.match(await clone.run(importArtifacts), { status: 'imported', changes: [{ path: STORY }] });
  });

  await t.test('that conflicts waits in the store, and aborting restores every byte', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One'), [OTHER]: storyText('SYNC-002', 'Two') });
    const base = readFileSync(ada.file('.agent-sync-base'));
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    writeFileSync(ada.file('.agent-sync-base'), base);
    const mine = storyText('SYNC-001', 'One').replace('DRAFT', 'IN_PROGRESS');
    ada.write(STORY, mine);
    ada.edit(OTHER, 'Two.', 'Two, too.');

    const conflicted = await ada.run(importArtifacts);
    t.match(conflicted, { status: 'conflicted', conflicts: [{ path: STORY, kind: 'content' }] });
    t.match(ada.read(STORY), /<<<<<<< HEAD\nCOMMITTED\n=======\nIN_PROGRESS\n>>>>>>> disk\n/);

    const restored = await ada.run(abortMerge);
    t.strictSame(restored, [STORY]);
    t.equal(ada.read(STORY), mine);
    t.match(ada.read(OTHER), /Two, too/);
    t.same(readFileSync(ada.file('.agent-sync-base')), base);

    await ada.run(importArtifacts);
    await ada.run((repo) => resolveConflict(repo, 'SYNC-001', 'theirs'));
    const { parents } = await ada.run(continueMerge);
    t.equal(parents.length, 1, 'an import has one parent, conflict or not');
    t.equal(ada.read(STORY), mine);
    t.match(await ada.run(status), { disk: { length: 0 }, merging: false });
  });

  const bad: [sentence: string, prepare: (ada: Developer) => void, code: string][] = [
    [
      'a file that is not UTF-8',
      (ada) => ada.write(OTHER, Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x0a])),
      'FILE_NOT_UTF8',
    ],
    [
      'a file of 100 MB',
      (ada) => {
        ada.write(OTHER, '');
        truncateSync(ada.file(OTHER), 100 * 1024 * 1024);
      },
      'FILE_TOO_LARGE',
    ],
    ['a base that says nonsense', (ada) => ada.write('.agent-sync-base', '<<<<<<< HEAD\n'), 'BASE_INVALID'],
    [
      'a base that the store does not have',
      (ada) => ada.write('.agent-sync-base', `commit ${'1'.repeat(40)}\ntree ${'2'.repeat(40)}\n`),
      'BASE_UNKNOWN',
    ],
  ];
  for (const [sentence, prepare, code] of bad) {
    await t.test(`refuses ${sentence} and imports nothing`, async (t) => {
      const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
      ada.edit(STORY, 'One.', 'Edited.');
      prepare(ada);
      await t.rejects(ada.run(importArtifacts), { code });
      t.equal((await ada.run((repo) => log(repo))).length, 1);
      t.match(ada.read(STORY), /Edited\./);
    });
  }

  await t.test('of some files stops before a conflict, while others on disk would be in its way', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One'), [OTHER]: storyText('SYNC-002', 'Two') });
    const [one, two, base] = [STORY, OTHER, '.agent-sync-base'].map((path) => ada.read(path));
    for (const id of ['SYNC-001', 'SYNC-002']) await ada.run((repo) => setState(repo, id, 'COMMITTED'));
    ada.write(STORY, one!.replace('DRAFT', 'ACCEPTED'));
    ada.write(OTHER, two!.replace('Five.', 'Five, not imported.'));
    ada.write('.agent-sync-base', base!);
    const before = [STORY, OTHER, '.agent-sync-base'].map((path) => ada.read(path));
    await t.rejects(
      ada.run((repo) => importArtifacts(repo, { paths: [STORY] })),
      { code: 'LOCAL_CHANGES', message: new RegExp(OTHER) },
    );
    t.match(await ada.run(status), { merging: false });
    t.strictSame(
      [STORY, OTHER, '.agent-sync-base'].map((path) => ada.read(path)),
      before,
    );
    t.match(await ada.run(importArtifacts), { status: 'conflicted', conflicts: [{ path: STORY }] });
    t.match(ada.read(OTHER), /COMMITTED[\s\S]*not imported/);
  });

  await t.test('takes a second file of an id, and warns of it once', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    const double = 'stories/SYNC/SYNC-001-again.md';
    ada.write(double, storyText('SYNC-001', 'Again'));
    const message = `story SYNC-001 is also ${STORY}`;
    const { warnings } = await ada.run(importArtifacts);
    t.strictSame(warnings, [{ path: double, line: 0, code: 'ID_DUPLICATE', message }]);
    ada.edit(double, 'Five.', 'Six.');
    t.strictSame((await ada.run(importArtifacts)).warnings, []);
    await t.rejects(
      ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED')),
      { code: 'ARTIFACT_AMBIGUOUS', message: new RegExp(double) },
    );
  });

  await t.test('refuses a path that is not there', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    const missing = ada.run((repo) => importArtifacts(repo, { paths: [STORY, 'plans/none.md'] }));
    await t.rejects(missing, { code: 'FILE_NOT_FOUND', message: /plans\/none\.md/ });
  });
});

t.test('exporting', async (t) => {
  await t.test('brings back what was deleted, byte for byte', async (t) => {
    const text = '# SYNC-001: One\r\n\r\n## State\r\nDRAFT\r\n\ufeffno newline at the end';
    const ada = await project(t, { [STORY]: text });
    rmSync(ada.file('stories'), { recursive: true });
    t.match(await ada.run(checkExport), [{ path: STORY, what: 'missing' }]);
    t.match(await ada.run(exportMarkdown), { written: [STORY] });
    t.equal(ada.read(STORY), text);
    t.strictSame(await ada.run(checkExport), []);
  });

  await t.test('refuses to overwrite work that is not in the store, before writing anything', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One'), [OTHER]: storyText('SYNC-002', 'Two') });
    ada.edit(STORY, 'One.', 'Mine.');
    rmSync(ada.file(OTHER));
    await t.rejects(ada.run(exportMarkdown), { code: 'LOCAL_CHANGES', message: new RegExp(STORY) });
    t.match(ada.read(STORY), /Mine\./);
    t.notOk(existsSync(ada.file(OTHER)));
  });

  await t.test('replaces an older version, which the store has', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    const old = ada.read(STORY);
    await ada.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
    ada.write(STORY, old);
    t.match(await ada.run(exportMarkdown), { written: [STORY] });
    t.match(ada.read(STORY), /COMMITTED/);
  });

  await t.test('to another folder writes everything there and nothing else', async (t) => {
    const ada = await project(t, { [STORY]: storyText('SYNC-001', 'One') });
    const directory = join(ada.root, 'elsewhere');
    mkdirSync(directory);
    await ada.run((repo) => exportMarkdown(repo, directory));
    t.strictSame(readdirSync(directory, { recursive: true }).sort(), ['stories', 'stories/SYNC', STORY]);
    t.equal(readFileSync(join(directory, STORY), 'utf8'), ada.read(STORY));
  });
});
