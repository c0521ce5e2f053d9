import { join } from 'node:path';
import t, { type Test } from 'tap';
import { importArtifacts, listArtifacts, newArtifact, pull } from '../../../lib/index.js';
import type { NewArtifact } from '../../../lib/repo/artifacts/new-artifact.js';
import { Developer, storyText } from '../../e2e/developer.js';

const STORY = 'stories/SYNC/SYNC-004-four.md';
const RUNBOOK = 'runbooks/SYNC/SYNC-004-how-to.md';

async function project(t: Test): Promise<Developer> {
  const ada = new Developer(t, 'ada');
  await ada.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'new' });
  ada.write(STORY, storyText('SYNC-004', 'Four'));
  await ada.run(importArtifacts);
  return ada;
}

const make = (developer: Developer, wanted: NewArtifact) => developer.run((repo) => newArtifact(repo, wanted));

t.test('a new artifact', async (t) => {
  await t.test('takes the number after all that are in use, imported or not', async (t) => {
    const ada = await project(t);
    t.match(await make(ada, { kind: 'story', title: 'Five', prefix: 'SYNC' }), { id: 'SYNC-005' });
    ada.write('stories/SYNC/SYNC-006-draft.md', storyText('SYNC-006', 'Draft'));
    t.match(await make(ada, { kind: 'story', title: 'Seven', prefix: 'SYNC' }), { id: 'SYNC-007' });
  });

  await t.test(
    'takes up the number of a command that was killed, whose process had the number of this one',
    async (t) => {
      const ada = await project(t);
      const wanted = { kind: 'story', title: 'Five', prefix: 'SYNC' } as const;
      const request = crypto.randomUUID();
      await ada.run(async (repo) => {
        const since = repo.clock.now().seconds;
        const unfinished = { 'story\nFive\nSYNC\n': { request, since, pid: process.pid } };
        repo.store.settings.set('new.unfinished', JSON.stringify(unfinished));
        const remote = await repo.connect();
        t.match(await remote.issueId({ id: request, kind: 'story', want: { next: 'SYNC', floor: 4 } }), {
          id: 'SYNC-005',
        });
      });
      t.match(await make(ada, wanted), { id: 'SYNC-005' });
      t.match(await make(ada, wanted), { id: 'SYNC-006' }, 'and only once');
    },
  );

  await t.test('of which two are made at once by one process gets two numbers', async (t) => {
    const ada = await project(t);
    const made = await Promise.all([1, 2].map(() => make(ada, { kind: 'story', title: 'Twice', prefix: 'SYNC' })));
    t.strictSame(made.map(({ id }) => id).sort(), ['SYNC-005', 'SYNC-006']);
  });

  await t.test('may be the first of an empty project, for two people at once', async (t) => {
    const [ada, ben] = [new Developer(t, 'ada'), new Developer(t, 'ben')];
    const origin = `file:${join(ada.root, 'origin.db')}`;
    for (const developer of [ada, ben]) await developer.init({ origin, project: 'new' });
    const made = await Promise.all(
      [ada, ben].map((developer) => make(developer, { kind: 'story', title: developer.name, prefix: 'SYNC' })),
    );
    t.strictSame(made.map(({ id }) => id).sort(), ['SYNC-001', 'SYNC-002']);
    for (const developer of [ada, ben]) await developer.run(pull);
    t.same(await ben.run(listArtifacts), await ada.run(listArtifacts));
    t.equal((await ada.run(listArtifacts)).length, 2);
  });

  for (const path of [RUNBOOK, 'runbooks/SYNC/SYNC-004-runbook.md']) {
    await t.test(`never takes the place of one that was imported as ${path}`, async (t) => {
      const ada = await project(t);
      ada.write(path, '# SYNC-004: Written by hand\n\nStatus: PROPOSED\n');
      await ada.run(importArtifacts);
      await t.rejects(make(ada, { kind: 'runbook', story: 'SYNC-004' }), { code: 'ID_TAKEN' });
      t.match(ada.read(path), /Written by hand/);
      t.equal((await ada.run((repo) => listArtifacts(repo, { kind: 'runbook' }))).length, 1);
    });
  }

  const refused: [sentence: string, wanted: NewArtifact, code: string][] = [
    ['with a prefix that no id has', { kind: 'story', title: 'Five', prefix: 'sync' }, 'USAGE'],
    ['with a prefix that leads elsewhere', { kind: 'story', title: 'Five', prefix: '../X' }, 'USAGE'],
    ['with a title of spaces', { kind: 'story', title: '  ', prefix: 'SYNC' }, 'USAGE'],
    ['for a Story that is not there', { kind: 'runbook', story: 'SYNC-009' }, 'ARTIFACT_UNKNOWN'],
  ];
  for (const [sentence, wanted, code] of refused) {
    await t.test(`${sentence} is refused before a number is used up`, async (t) => {
      const ada = await project(t);
      await t.rejects(make(ada, wanted), { code });
      t.match(await make(ada, { kind: 'story', title: 'Next', prefix: 'SYNC' }), { id: 'SYNC-005' });
    });
  }

  const titles: [sentence: string, title: string, path: string][] = [
    ['nothing that a file name keeps', '😀', 'stories/SYNC/SYNC-005.md'],
    ['a path', '../../etc/passwd', 'stories/SYNC/SYNC-005-etc-passwd.md'],
    ['several lines', 'one\ntwo', 'stories/SYNC/SYNC-005-one-two.md'],
    ['300 letters', 'x'.repeat(300), `stories/SYNC/SYNC-005-${'x'.repeat(80)}.md`],
  ];
  for (const [sentence, title, path] of titles) {
    await t.test(`whose title is ${sentence} gets a file of its own`, async (t) => {
      const ada = await project(t);
      t.match(await make(ada, { kind: 'story', title, prefix: 'SYNC' }), { path, push: { status: 'pushed' } });
      t.ok(ada.read(path).startsWith(`# SYNC-005: ${title.replace('\n', ' ')}\n`));
    });
  }
});
