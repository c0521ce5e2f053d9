import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { NewArtifact } from '../../../lib/index.js';
import {
  findArtifact,
  fsck,
  importArtifacts,
  listArtifacts,
  listDrafts,
  log,
  newArtifact,
  newDraft,
  pull,
  push,
  pushWithPull,
  removeArtifact,
  setState,
  status,
} from '../../../lib/index.js';
import { makeOld } from '../../crash/old-store.js';
import { Developer, storyText } from '../../e2e/developer.js';

/** Two people at one file origin, which has the Story SYNC-004. */
async function pair(t: Test): Promise<{ ada: Developer; ben: Developer }> {
  const [ada, ben] = [new Developer(t, 'ada'), new Developer(t, 'ben')];
  const origin = `file:${join(ada.root, 'origin.db')}`;
  await ada.init({ origin, project: 'drafts' });
  ada.write('stories/SYNC/SYNC-004-four.md', storyText('SYNC-004', 'Four'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.init({ origin, project: 'drafts' });
  await ben.run(pull);
  return { ada, ben };
}

const draft = (who: Developer, wanted: NewArtifact) => who.run((repo) => newDraft(repo, wanted));
const draftStory = (who: Developer, title: string) => draft(who, { kind: 'story', title });
const paths = (who: Developer) => who.run((repo) => listArtifacts(repo).map(({ path }) => path));
const onDisk = (who: Developer) => who.run((repo) => repo.worktree.scan().files.map(({ path }) => path));

t.test('a draft gets its number with the next push', async (t) => {
  const { ada, ben } = await pair(t);
  const story = await draftStory(ada, 'Five');
  t.match(story, { id: /^SYNC-DRAFT-[0-9A-Z]{13}$/, path: `stories/SYNC/${story.id}-five.md` });
  const runbook = await draft(ada, { kind: 'runbook', story: story.id });
  t.equal(runbook.id, story.id, 'the Runbook of a draft has its handle');
  await t.rejects(draft(ada, { kind: 'runbook', story: story.id }), { code: 'ID_TAKEN' });
  const other = storyText('SYNC-004', 'Four', [
    `See [five](${story.id}-five.md#${story.id.toLowerCase()}-five) and ${story.id}.`,
  ]);
  ada.write('stories/SYNC/SYNC-004-four.md', other);
  await ada.run(importArtifacts);
  await ada.run((repo) => setState(repo, `story/${story.id.toLowerCase()}`, 'REVIEW_NEEDED'));

  const before = await ada.run((repo) => log(repo).length);
  t.match(await ada.run(push), {
    status: 'pushed',
    drafts: {
      numbered: [
        { kind: 'runbook', handle: story.id, id: 'SYNC-005' },
        { kind: 'story', handle: story.id, id: 'SYNC-005' },
      ],
      refused: [],
    },
  });
  t.equal(await ada.run((repo) => log(repo).length), before + 1, 'in one commit');
  await ben.run(pull);
  for (const who of [ada, ben]) {
    const files = [
      'runbooks/SYNC/SYNC-005-runbook.md',
      'stories/SYNC/SYNC-004-four.md',
      'stories/SYNC/SYNC-005-five.md',
    ];
    t.strictSame(await paths(who), files, `${who.name} has the file under its number`);
    t.strictSame(await onDisk(who), files, `and so has the disk of ${who.name}`);
    t.match(who.read('stories/SYNC/SYNC-005-five.md'), /^# SYNC-005: Five\n\n## State\n\nREVIEW_NEEDED\n/);
    t.match(who.read('runbooks/SYNC/SYNC-005-runbook.md'), '## Related Story\n\nSYNC-005\n');
    t.match(who.read('stories/SYNC/SYNC-004-four.md'), 'See [five](SYNC-005-five.md#sync-005-five) and SYNC-005.');
    for (const asked of [`story/${story.id}`, story.path, `${story.id}-five`]) {
      t.match(
        await who.run((repo) => findArtifact(repo, asked)),
        { id: 'SYNC-005', kind: 'story' },
        `${asked} finds it`,
      );
    }
    const subjects = (await who.run((repo) => log(repo, { artifact: 'story/SYNC-005' }))).map(
      ({ message }) => message.split('\n')[0],
    );
    t.strictSame(
      subjects,
      ['Number 2 drafts', `Set ${story.id} to REVIEW_NEEDED`, `Add story ${story.id}`],
      'its history goes back to the draft',
    );
    t.strictSame(await who.run(listDrafts), []);
    t.strictSame(await who.run((repo) => repo.store.queue.list()), []);
  }
  const derived = (who: Developer) => who.run((repo) => repo.store.index.handlesOf('story', 'SYNC-005'));
  t.strictSame(await derived(ben), await derived(ada), 'the index is the same on both sides');
});

t.test('a handle resolves after an upgrade, though the version before got the commit that numbered it', async (t) => {
  const { ada, ben } = await pair(t);
  const { id } = await draftStory(ada, 'Five');
  await ada.run(push);
  await ben.run(pull);
  makeOld(ben.file('agent.db'));
  t.match(await ben.run((repo) => findArtifact(repo, id)), { id: 'SYNC-005', kind: 'story' });
  t.strictSame((await ben.run((repo) => fsck(repo.store))).problems, []);
});

t.test('drafts of two people get different numbers', async (t) => {
  const { ada, ben } = await pair(t);
  const made = [await draftStory(ada, 'Adas'), await draftStory(ben, 'Bens'), await draftStory(ben, 'Bens')];
  t.equal(new Set(made.map(({ id }) => id)).size, 3);
  await Promise.all([ada, ben].map((who) => who.run((repo) => pushWithPull(repo))));
  for (const who of [ada, ben]) await who.run(pull);
  t.strictSame(await paths(ada), await paths(ben));
  const ids = (await ada.run((repo) => listArtifacts(repo))).map(({ id }) => id);
  t.strictSame(ids.sort(), ['SYNC-004', 'SYNC-005', 'SYNC-006', 'SYNC-007']);
});

const WAYS: [sentence: string, sync: (who: Developer) => Promise<unknown>][] = [
  ['a pull', (who) => who.run(pull)],
  ['a new artifact', (who) => who.run((repo) => newArtifact(repo, { kind: 'plan', title: 'P', story: 'SYNC-004' }))],
];
for (const [sentence, sync] of WAYS) {
  t.test(`${sentence} numbers drafts as well`, async (t) => {
    const { ada } = await pair(t);
    const { id } = await draftStory(ada, 'Five');
    await sync(ada);
    t.match(await ada.run((repo) => findArtifact(repo, id)), { id: 'SYNC-005' });
  });
}

t.test('a number that came with files which only the origin has is not issued again', async (t) => {
  const { ada, ben } = await pair(t);
  ben.write('stories/SYNC/SYNC-005-imported.md', storyText('SYNC-005', 'Imported'));
  await ben.run(importArtifacts);
  await ben.run(push);
  await draftStory(ada, 'Mine');
  t.match(await ada.run((repo) => pushWithPull(repo)), {
    status: 'pushed',
    drafts: { numbered: [{ id: 'SYNC-006' }] },
  });
});

t.test('work on disk that is not imported', async (t) => {
  const { ada } = await pair(t);
  const edited = await draftStory(ada, 'Edited');
  const linking = 'stories/SYNC/SYNC-004-four.md';
  ada.write(linking, storyText('SYNC-004', 'Four', [`See ${edited.id}.`, 'Two.', 'Three.', 'Four.', 'Five.']));
  await ada.run(importArtifacts);
  const removed = await draftStory(ada, 'Removed');
  ada.edit(edited.path, 'What is wrong or missing today, and who notices.', 'Work of an hour.');
  ada.edit(linking, 'Five.', 'Five, by hand.');
  await ada.run((repo) => repo.worktree.remove(removed.path));
  await ada.run(push);
  const { path, id } = await ada.run((repo) => findArtifact(repo, edited.id));
  const gone = await ada.run((repo) => findArtifact(repo, removed.id).path);
  t.strictSame(await onDisk(ada), [linking, path], 'follows under the new name, and what was removed stays so');
  t.match(ada.read(path), new RegExp(`^# ${id}: Edited\n(.|\\n)*Work of an hour\\.`));
  t.match(ada.read(linking), `See ${id}.\nTwo.\nThree.\nFour.\nFive, by hand.`);
  const { disk } = await ada.run(status);
  t.strictSame(disk, [
    { path: linking, change: 'modified' },
    ...[
      { path, change: 'modified' },
      { path: gone, change: 'deleted' },
    ].sort((a, b) => (a.path < b.path ? -1 : 1)),
  ]);
  t.match(await ada.run(importArtifacts), { status: 'imported' }, 'and is imported as ever');
  t.match(ada.read(path), 'Work of an hour.');
});

t.test('a draft whose number is borne by another stays one, and is pushed', async (t) => {
  const { ada, ben } = await pair(t);
  const story = await draftStory(ada, 'Five');
  await draft(ada, { kind: 'runbook', story: story.id });
  ada.write('runbooks/SYNC/SYNC-005-theirs.md', '# SYNC-005: Written by hand\n\nStatus: PROPOSED\n');
  await ada.run(importArtifacts);
  await ada.run((repo) =>
    repo
      .connect()
      .then((remote) => remote.issueId({ id: crypto.randomUUID(), kind: 'runbook', want: { claim: 'SYNC-006' } })),
  );
  const result = await ada.run(push);
  t.match(result, { status: 'pushed', drafts: { numbered: [], refused: [{ handle: story.id, code: 'ID_TAKEN' }] } });
  await ben.run(pull);
  t.ok((await paths(ben)).includes(story.path), 'others see it under its handle');
});

t.test('a Runbook that is made for a Story whose draft was numbered elsewhere has its number', async (t) => {
  const { ada } = await pair(t);
  const story = await draftStory(ada, 'Five');
  await ada.run(push);
  t.match(await draft(ada, { kind: 'runbook', story: story.id }), { id: 'SYNC-005' });
});

t.test('a draft that was removed asks for nothing', async (t) => {
  const { ada } = await pair(t);
  const { id } = await draftStory(ada, 'Five');
  await ada.run((repo) => removeArtifact(repo, id));
  t.match(await ada.run(push), { status: 'pushed', drafts: undefined });
  t.strictSame(await ada.run((repo) => repo.store.queue.list()), []);
});

t.test('the history by a handle ends with the removal, as that by the number', async (t) => {
  const { ada } = await pair(t);
  const { id } = await draftStory(ada, 'Five');
  await ada.run(push);
  await ada.run((repo) => removeArtifact(repo, id));
  const subjects = (artifact: string) =>
    ada.run((repo) => log(repo, { artifact }).map(({ message }) => message.split('\n')[0]));
  t.strictSame(await subjects(id), ['Remove SYNC-005', 'Number story SYNC-005', `Add story ${id}`]);
  t.strictSame(await subjects(`story/${id}`), await subjects(id));
});

t.test('two clones that number the same draft give it the same number', async (t) => {
  const { ada, ben } = await pair(t);
  const { id } = await draftStory(ada, 'Five');
  rmSync(ben.root, { recursive: true });
  cpSync(ada.root, ben.root, { recursive: true });
  const yaml = ben.file('../etc/sync.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace(/file:\S+/, `file:${join(ada.root, 'origin.db')}`));
  await ada.run(push);
  t.match(await ben.run((repo) => pushWithPull(repo)), {
    status: 'pushed',
    drafts: { numbered: [{ handle: id, id: 'SYNC-005' }] },
  });
  await ada.run(pull);
  t.strictSame(await paths(ben), await paths(ada));
  t.match(await ada.run((repo) => findArtifact(repo, id)), { id: 'SYNC-005' });
  t.equal((await ada.run((repo) => listArtifacts(repo))).length, 2);
});

t.test('drafts made before anything came from the origin join its history', async (t) => {
  const { ada } = await pair(t);
  for (const [name, sync] of [
    ['pull', pull],
    ['push with pull', pushWithPull],
  ] as const) {
    const eve = new Developer(t, 'eve');
    await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'drafts' });
    await draft(eve, { kind: 'story', title: 'Early', prefix: 'SYNC' });
    t.match(await eve.run(push), { status: 'rejected' }, `${name}: a push alone cannot send them`);
    await eve.run<unknown>(sync);
    t.match(await paths(eve), { length: name === 'pull' ? 2 : 3 }, 'what the origin has is there');
    t.match(await eve.run(listDrafts), { length: 0 }, 'and the draft has its number');
    t.match(await eve.run(push), { status: /^(pushed|up-to-date)$/ });
  }
});
