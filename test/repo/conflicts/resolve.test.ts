import { existsSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import {
  type Answer,
  abortMerge,
  continueMerge,
  type ErrorCode,
  importArtifacts,
  listConflicts,
  openRepository,
  pull,
  push,
  type Repository,
  resolveAll,
  resolveConflict,
  status,
} from '../../../lib/index.js';
import { type Developer, storyText } from '../../e2e/developer.js';
import { killedBeforeWriting } from '../sync/with-event.js';
import { type Files, stoppedMerge } from './stopped-merge.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';
const PLAN = 'plans/SYNC/SYNC-002-two.md';

/** A Story whose first and last line are in question. */
const story = (first: string, last: string) =>
  storyText('SYNC-001', 'One', [...first.split('\n'), 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', ...last.split('\n')]);
const marked = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}\n=======\n${theirs}\n>>>>>>> origin/main`;
const FIRST = marked('Ours.', 'Theirs.');
const LAST = marked('Last, ours.', 'Last, theirs.');

const TWO_HUNKS = {
  base: { [STORY]: story('Base.', 'Last.') },
  ours: { [STORY]: story('Ours.', 'Last, ours.') },
  theirs: { [STORY]: story('Theirs.', 'Last, theirs.') },
};

const hunks = (...answers: [number, 'ours' | 'theirs' | 'union' | 'base' | { text: string }][]): Answer => ({
  hunks: new Map(answers),
});
const bytes = (text: string): Answer => ({ bytes: Buffer.from(text) });

const resolve = (who: Developer, asked: string, answer: Answer) =>
  who.run((repo) => resolveConflict(repo, asked, answer));
const list = (who: Developer, ...asked: string[]) => who.run((repo) => listConflicts(repo.store, asked));
const onDisk = (who: Developer, path: string) => (existsSync(who.file(path)) ? who.read(path) : null);

/** Goes back to before the merge, and into it again. */
async function again(who: Developer): Promise<void> {
  await who.run(abortMerge);
  await who.run(pull);
}

/** Finishes the merge, and checks that what was shown is what is committed and can be pushed. */
async function finishes(t: Test, who: Developer, sentence: string): Promise<void> {
  t.match(await who.run(status), { disk: { length: 0 } }, `${sentence}: nothing to import meanwhile`);
  const { parents } = await who.run(continueMerge);
  t.equal(parents.length, 2, `${sentence}: two parents`);
  t.match(await who.run(push), { status: 'pushed' }, `${sentence}: and it can be pushed`);
  t.match(await who.run(importArtifacts), { status: 'unchanged' }, `${sentence}: disk and store agree`);
}

t.test('a conflict of two hunks', async (t) => {
  const rows: [sentence: string, answers: Answer[], shown: string, settled: string | null][] = [
    ['taken from ours', ['ours'], story('Ours.', 'Last, ours.'), 'ours'],
    ['taken from theirs', ['theirs'], story('Theirs.', 'Last, theirs.'), 'theirs'],
    ['taken from base', ['base'], story('Base.', 'Last.'), 'base'],
    ['taken from both', ['union'], story('Ours.\nTheirs.', 'Last, ours.\nLast, theirs.'), 'hunks'],
    ['one hunk each', [hunks([1, 'ours'], [2, 'theirs'])], story('Ours.', 'Last, theirs.'), 'hunks'],
    ['one after the other', [hunks([2, 'base']), hunks([1, 'union'])], story('Ours.\nTheirs.', 'Last.'), 'hunks'],
    [
      'lines of somebody else',
      [hunks([1, { text: 'Both.' }], [2, { text: '' }])],
      storyText('SYNC-001', 'One', ['Both.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.']),
      'hunks',
    ],
    ['the first hunk only', [hunks([1, 'theirs'])], story('Theirs.', LAST), null],
    ['the second hunk only', [hunks([2, 'ours'])], story(FIRST, 'Last, ours.'), null],
    ['a hunk twice', [hunks([1, 'theirs']), hunks([1, 'ours'])], story('Ours.', LAST), null],
    [
      'a hunk of a conflict that was settled as a whole',
      ['theirs', hunks([2, 'ours'])],
      story(FIRST, 'Last, ours.'),
      null,
    ],
    [
      'a hunk of a conflict that was settled by hunks',
      ['union', hunks([2, 'ours'])],
      story('Ours.\nTheirs.', 'Last, ours.'),
      'hunks',
    ],
    ['a text', [bytes(story('Mine.', 'Mine as well.'))], story('Mine.', 'Mine as well.'), 'text'],
    ['a text after hunks', [hunks([1, 'ours']), bytes(story('Mine.', 'Last.'))], story('Mine.', 'Last.'), 'text'],
  ];
  const { ben } = await stoppedMerge(t, TWO_HUNKS);
  for (const [sentence, answers, shown, settled] of rows) {
    for (const answer of answers) await resolve(ben, 'SYNC-001', answer);
    t.equal(ben.read(STORY), shown, sentence);
    const { open, conflicts } = await list(ben);
    t.equal(open, settled === null ? 1 : 0, `${sentence}: open or not`);
    t.equal(conflicts[0]!.settled, settled, `${sentence}: how`);
    t.match(await ben.run(status), { disk: { length: 0 } }, `${sentence}: nothing to import meanwhile`);
    if (settled === null) await t.rejects(ben.run(continueMerge), { code: 'MERGE_UNRESOLVED', message: STORY });
    await again(ben);
  }
});

t.test('what was answered is what is committed and pushed', async (t) => {
  const rows: [sentence: string, answer: Answer][] = [
    ['a version', 'theirs'],
    ['hunks', hunks([1, 'ours'], [2, 'union'])],
    ['a text', bytes(story('Mine.', 'Last.'))],
  ];
  for (const [sentence, answer] of rows) {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await resolve(ben, 'SYNC-001', answer);
    await finishes(t, ben, sentence);
  }
});

t.test('an answer that cannot be', async (t) => {
  const { ben } = await stoppedMerge(t, {
    base: { ...TWO_HUNKS.base, [PLAN]: '# SYNC-002: Two\n\nStatus: PROPOSED\n' },
    ours: { ...TWO_HUNKS.ours, [PLAN]: '# SYNC-002: Two\n\nStatus: COMMITTED\n' },
    theirs: { ...TWO_HUNKS.theirs, [PLAN]: null },
  });
  const rows: [sentence: string, asked: string, answer: Answer, code: ErrorCode, says: RegExp][] = [
    [
      'a hunk that is not there',
      'SYNC-001',
      hunks([1, 'ours'], [3, 'ours']),
      'HUNK_UNKNOWN',
      /no hunk 3; its hunks are 1 to 2/,
    ],
    ['hunk 0', 'SYNC-001', hunks([0, 'ours']), 'HUNK_UNKNOWN', /no hunk 0/],
    [
      'a hunk of a modify/delete',
      'SYNC-002',
      hunks([1, 'ours']),
      'HUNK_UNKNOWN',
      /has no hunks: it is a modify\/delete conflict/,
    ],
    ['both of a modify/delete', 'SYNC-002', 'union', 'HUNK_UNKNOWN', /modify\/delete/],
    ['an artifact without a conflict', 'SYNC-003', 'ours', 'ARTIFACT_UNKNOWN', /no conflict 'SYNC-003'/],
    ['a text with the markers', 'SYNC-001', bytes(story(FIRST, 'Last.')), 'MERGE_UNRESOLVED', /conflict markers/],
    ['a file with the markers', 'SYNC-001', 'disk', 'MERGE_UNRESOLVED', /conflict markers/],
    ['lines with the markers', 'SYNC-001', hunks([1, { text: FIRST }]), 'MERGE_UNRESOLVED', /conflict markers/],
    ['a text that is not UTF-8', 'SYNC-001', { bytes: Uint8Array.of(0xff) }, 'FILE_NOT_UTF8', /not UTF-8/],
  ];
  const before = [await list(ben), ben.read(STORY)];
  for (const [sentence, asked, answer, code, message] of rows) {
    await t.rejects(resolve(ben, asked, answer), { code, message }, sentence);
  }
  await t.rejects(
    ben.run((repo) => resolveAll(repo, 'union')),
    { code: 'HUNK_UNKNOWN' },
    'all or none',
  );
  t.strictSame([await list(ben), ben.read(STORY)], before, 'changes nothing');
  await ben.run((repo) => resolveAll(repo, 'theirs'));
  t.strictSame([onDisk(ben, STORY), onDisk(ben, PLAN)], [TWO_HUNKS.theirs[STORY], null], 'what can be for all is done');
  await finishes(t, ben, 'all at once');
});

t.test('a file that was edited by hand', async (t) => {
  const edited = story('Mine.', LAST);
  await t.test('is not overwritten by answers to hunks', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    ben.write(STORY, edited);
    for (const answer of [hunks([2, 'ours']), 'union'] as const) {
      await t.rejects(resolve(ben, 'SYNC-001', answer), { code: 'LOCAL_CHANGES', hint: /--file/ });
    }
    t.equal(ben.read(STORY), edited);
    rmSync(ben.file(STORY));
    await resolve(ben, 'SYNC-001', hunks([2, 'ours']));
    t.equal(ben.read(STORY), story(FIRST, 'Last, ours.'), 'removing it begins again');
  });

  await t.test('is replaced by an answer to the whole, and what it held is kept', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    ben.write(STORY, edited);
    await resolve(ben, 'SYNC-001', 'ours');
    t.equal(ben.read(STORY), TWO_HUNKS.ours[STORY]);
    const kept = ben.run(({ store }) => store.objects.has(store.objects.hash('blob', Buffer.from(edited))));
    t.ok(await kept);
  });

  await t.test('is taken as it is once its markers are gone', async (t) => {
    const rows: [sentence: string, files: Files, settled: string][] = [
      ['with a text of its own', { [STORY]: story('Mine.', 'Mine.') }, 'text'],
      ['with what it was before the merge', { [STORY]: TWO_HUNKS.ours[STORY]! }, 'ours'],
      ['with what the others have', { [STORY]: TWO_HUNKS.theirs[STORY]! }, 'theirs'],
      ['when it is removed', { [STORY]: null }, 'removed'],
    ];
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    for (const [sentence, files, settled] of rows) {
      const wanted = files[STORY]!;
      if (wanted === null) rmSync(ben.file(STORY));
      else ben.write(STORY, wanted);
      await resolve(ben, 'SYNC-001', 'disk');
      t.equal(onDisk(ben, STORY), wanted, sentence);
      t.match(await list(ben), { open: 0, conflicts: [{ settled }] }, sentence);
      t.match(await ben.run(status), { disk: { length: 0 } }, `${sentence}: nothing to import`);
      await again(ben);
    }
    rmSync(ben.file(STORY));
    await resolve(ben, 'SYNC-001', 'disk');
    await finishes(t, ben, 'removed');
  });

  await t.test('is restored by an abort after any answer', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await resolve(ben, 'SYNC-001', hunks([1, 'theirs']));
    await ben.run(abortMerge);
    t.equal(ben.read(STORY), TWO_HUNKS.ours[STORY]);
    t.match(await ben.run(status), { merging: false, disk: { length: 0 } });
  });
});

const withKill = (repo: Repository) => ({ ...repo, worktree: killedBeforeWriting(repo.worktree) });

/** A project in which something happens between the first transaction and the second. */
function beforeSecondTransaction(repo: Repository, event: () => void): Repository {
  let transactions = 0;
  const transact = <T>(work: () => T): T => {
    if (++transactions === 2) event();
    return repo.store.transact(work);
  };
  return { ...repo, store: { ...repo.store, transact } };
}

t.test('a process that is killed between store and disk', async (t) => {
  const killed = (who: Developer, answer: Answer) =>
    t.rejects(
      who.run((repo) => resolveConflict(withKill(repo), 'SYNC-001', answer)),
      { message: 'killed' },
    );
  await t.test('leaves a hunk that the next answer goes on from', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await killed(ben, hunks([1, 'ours']));
    t.equal(ben.read(STORY), story(FIRST, LAST));
    await resolve(ben, 'SYNC-001', hunks([2, 'theirs']));
    t.equal(ben.read(STORY), story('Ours.', 'Last, theirs.'));
    await finishes(t, ben, 'after a kill');
  });

  await t.test('leaves a hunk even where somebody else has just looked at the disk', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await ben.run(async (repo) => {
      const other = await openRepository(ben.root, { env: ben.env });
      const answer = () =>
        t.throws(() => resolveConflict(withKill(other), 'SYNC-001', hunks([1, 'ours'])), { message: 'killed' });
      resolveConflict(beforeSecondTransaction(repo, answer), 'SYNC-001', hunks([2, 'theirs']));
      await other.close();
    });
    t.equal(ben.read(STORY), story('Ours.', 'Last, theirs.'));
  });

  await t.test('leaves an answer that is committed and shown', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await killed(ben, 'theirs');
    t.equal(ben.read(STORY), story(FIRST, LAST));
    await ben.run(continueMerge);
    t.equal(ben.read(STORY), TWO_HUNKS.theirs[STORY]);
    t.match(await ben.run(importArtifacts), { status: 'unchanged' });
  });

  await t.test('leaves an answer that gives way to what was typed since', async (t) => {
    const { ben } = await stoppedMerge(t, TWO_HUNKS);
    await killed(ben, 'theirs');
    ben.write(STORY, story('Mine.', 'Mine.'));
    await resolve(ben, 'SYNC-001', 'disk');
    t.equal(ben.read(STORY), story('Mine.', 'Mine.'));
    t.match(await list(ben), { conflicts: [{ settled: 'text' }] });
  });
});

t.test('a Runbook about git shows conflicts as its text', async (t) => {
  const runbook = 'runbooks/SYNC/SYNC-003-runbook.md';
  const text = (state: string, example = marked('Yours.', 'Mine.')) =>
    `# SYNC-003: Merging\n\nStatus: ${state}\n\n<<<SEARCH\na\n===\nb\n>>>\n\nSuch as:\n\n${example}\n`;
  const { ben } = await stoppedMerge(t, {
    base: { [runbook]: text('DRAFT') },
    ours: { [runbook]: text('ACCEPTED') },
    theirs: { [runbook]: text('COMMITTED') },
  });
  const conflict = `${marked('Status: ACCEPTED', 'Status: COMMITTED')}`;
  t.equal(ben.read(runbook), text('').replace('Status: ', conflict));
  const open = text('', marked('Your own.', 'Mine.')).replace('Status: ', conflict);
  for (const rest of [ben.read(runbook), open, `# SYNC-003: Merging\n\n${conflict}\n`])
    await t.rejects(
      resolve(ben, 'SYNC-003', bytes(rest)),
      { code: 'MERGE_UNRESOLVED' },
      'an example hides no conflict',
    );
  for (const settled of [text('DONE'), text('DONE', marked('Your own.', 'Mine.')), text('DONE', 'Not any more.')]) {
    await resolve(ben, 'SYNC-003', bytes(settled));
    t.equal(ben.read(runbook), settled, 'examples stay, and may be edited');
  }
  await resolve(ben, 'SYNC-003', hunks([1, 'theirs']));
  await finishes(t, ben, 'a Runbook about git');
  t.equal(ben.read(runbook), text('COMMITTED'));
});
