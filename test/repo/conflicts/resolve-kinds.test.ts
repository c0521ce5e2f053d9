import { existsSync, rmSync } from 'node:fs';
import t from 'tap';
import {
  type Answer,
  abortMerge,
  continueMerge,
  importArtifacts,
  listConflicts,
  pull,
  resolveConflict,
  type SyncError,
  status,
} from '../../../lib/index.js';
import { countArtifacts } from '../../../lib/repo/conflicts/pick-conflicts.js';
import { Developer, storyText } from '../../e2e/developer.js';
import { type Files, stoppedMerge, type Versions } from './stopped-merge.js';

const [A, B, C] = ['one', 'two', 'three'].map((name) => `stories/SYNC/SYNC-001-${name}.md`) as [string, string, string];
const LINES = Array.from({ length: 20 }, (_, i) => `Line ${i + 1}.`);
/** The Story, by what its third and fifteenth lines say. */
const story = (third = LINES[2]!, fifteenth = LINES[14]!) =>
  storyText('SYNC-001', 'One', [...LINES.slice(0, 2), third, ...LINES.slice(3, 14), fifteenth, ...LINES.slice(15)]);

const PLAN = 'plans/SYNC-001.md';
const plan = (state: string) => `# SYNC-001: Plan\n\nStatus: ${state}\n`;
const binary = (text: string) => `# SYNC-001: Plan\n\u0000${text}\n`;

/** Conflicts that are not of lines alone: what each side made, git's name for it, and what an answer leaves on disk. */
interface Kind extends Versions {
  readonly sentence: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly shown: Files;
  readonly answers: readonly (readonly [asked: string, answer: Answer, left: Files, open?: number])[];
}

const RENAMED: Versions = {
  base: { [A]: story() },
  ours: { [A]: null, [B]: story('Ours.') },
  theirs: { [A]: null, [C]: story(undefined, 'Theirs.') },
};
const CLASH: Versions = {
  base: { [A]: story() },
  ours: { [A]: null, [B]: story('Ours.', 'Ours only.') },
  theirs: { [A]: null, [C]: story('Theirs.') },
};
const other = (third = 'Other 3.') => story(third).replaceAll('Line ', 'Other ');
const COLLISION: Versions = {
  base: { [A]: story(), [B]: other() },
  ours: { [A]: null, [C]: story('Ours.'), [B]: other('Ours.') },
  theirs: { [B]: null, [C]: other('Theirs.'), [A]: story('Theirs.') },
};
const nested = story(`<<<<<<<< HEAD:${B}\nOurs.\n========\nTheirs.\n>>>>>>>> origin/main:${C}`, 'Ours only.');
const both = story('Ours.', 'Theirs.');

const KINDS: readonly Kind[] = [
  {
    sentence: 'changed here, removed there',
    base: { [PLAN]: plan('PROPOSED') },
    ours: { [PLAN]: plan('COMMITTED') },
    theirs: { [PLAN]: null },
    kinds: { [PLAN]: 'modify/delete' },
    shown: { [PLAN]: plan('COMMITTED') },
    answers: [
      ['SYNC-001', 'ours', { [PLAN]: plan('COMMITTED') }],
      ['SYNC-001', 'theirs', { [PLAN]: null }],
      ['SYNC-001', 'base', { [PLAN]: plan('PROPOSED') }],
      ['SYNC-001', 'disk', { [PLAN]: plan('COMMITTED') }],
    ],
  },
  {
    sentence: 'removed here, changed there',
    base: { [PLAN]: plan('PROPOSED') },
    ours: { [PLAN]: null },
    theirs: { [PLAN]: plan('COMMITTED') },
    kinds: { [PLAN]: 'modify/delete' },
    shown: { [PLAN]: plan('COMMITTED') },
    answers: [
      ['SYNC-001', 'ours', { [PLAN]: null }],
      ['SYNC-001', 'theirs', { [PLAN]: plan('COMMITTED') }],
    ],
  },
  {
    sentence: 'added on both sides',
    base: {},
    ours: { [PLAN]: plan('PROPOSED') },
    theirs: { [PLAN]: plan('COMMITTED') },
    kinds: { [PLAN]: 'add/add' },
    shown: {
      [PLAN]: plan('PROPOSED').replace(
        'Status: PROPOSED',
        '<<<<<<< HEAD\nStatus: PROPOSED\n=======\nStatus: COMMITTED\n>>>>>>> origin/main',
      ),
    },
    answers: [
      ['SYNC-001', 'ours', { [PLAN]: plan('PROPOSED') }],
      ['SYNC-001', 'base', { [PLAN]: null }],
      ['SYNC-001', { hunks: new Map([[1, 'theirs']]) }, { [PLAN]: plan('COMMITTED') }],
      ['SYNC-001', { hunks: new Map([[1, 'base']]) }, { [PLAN]: '' }],
    ],
  },
  {
    sentence: 'not text',
    base: { [PLAN]: binary('base') },
    ours: { [PLAN]: binary('ours') },
    theirs: { [PLAN]: binary('theirs') },
    kinds: { [PLAN]: 'binary' },
    shown: { [PLAN]: binary('ours') },
    answers: [
      ['SYNC-001', 'theirs', { [PLAN]: binary('theirs') }],
      ['SYNC-001', 'base', { [PLAN]: binary('base') }],
      ['SYNC-001', { bytes: Buffer.from(plan('DONE')) }, { [PLAN]: plan('DONE') }],
    ],
  },
  {
    sentence: 'renamed to two names',
    ...RENAMED,
    kinds: { [A]: 'rename/rename', [B]: 'rename/rename', [C]: 'rename/rename' },
    shown: { [A]: null, [B]: both, [C]: both },
    answers: [
      ['SYNC-001', 'ours', { [A]: null, [B]: both, [C]: null }],
      ['SYNC-001', 'theirs', { [A]: null, [B]: null, [C]: both }],
      ['story/SYNC-001', 'base', { [A]: story(), [B]: null, [C]: null }],
      ['SYNC-001', 'disk', { [A]: null, [B]: both, [C]: both }],
      [C, 'ours', { [A]: null, [B]: both, [C]: null }, 2],
      [`.agent/cache/${B}`, { bytes: Buffer.from(story('Mine.')) }, { [A]: null, [B]: story('Mine.'), [C]: both }, 2],
    ],
  },
  {
    sentence: 'renamed to two names, and in conflict inside',
    ...CLASH,
    kinds: { [A]: 'rename/rename', [B]: 'rename/rename', [C]: 'rename/rename' },
    shown: { [A]: null, [B]: nested, [C]: nested },
    answers: [
      ['SYNC-001', 'ours', { [A]: null, [B]: CLASH.ours[B]!, [C]: null }],
      ['SYNC-001', 'theirs', { [A]: null, [B]: null, [C]: CLASH.theirs[C]! }],
      [B, { bytes: Buffer.from(both) }, { [A]: null, [B]: both, [C]: nested }, 2],
    ],
  },
  {
    sentence: 'renamed here, removed there',
    base: { [A]: story() },
    ours: { [A]: null, [B]: story('Ours.') },
    theirs: { [A]: null },
    kinds: { [B]: 'rename/delete' },
    shown: { [A]: null, [B]: story('Ours.') },
    answers: [
      ['SYNC-001', 'ours', { [B]: story('Ours.') }],
      ['SYNC-001', 'theirs', { [A]: null, [B]: null }],
      ['SYNC-001', 'base', { [A]: null, [B]: story() }],
    ],
  },
  {
    sentence: 'two renamed to one name, and in conflict inside',
    ...COLLISION,
    kinds: { [C]: 'rename involved in collision' },
    shown: { [A]: null, [B]: null },
    answers: [
      ['SYNC-001', 'ours', { [C]: COLLISION.ours[C]! }],
      ['SYNC-001', 'theirs', { [C]: COLLISION.theirs[C]! }],
      ['SYNC-001', 'base', { [C]: null }],
    ],
  },
  {
    sentence: 'a file, and a folder of its name',
    base: {},
    ours: { 'plans/SYNC-001.md': plan('PROPOSED') },
    theirs: { 'plans/SYNC-001.md/SYNC-002.md': '# SYNC-002: Below\n\nStatus: PROPOSED\n' },
    kinds: { 'plans/SYNC-001.md~HEAD': 'file/directory' },
    shown: { 'plans/SYNC-001.md~HEAD': plan('PROPOSED') },
    answers: [
      ['plan/SYNC-001', 'ours', { 'plans/SYNC-001.md~HEAD': plan('PROPOSED') }],
      ['plan/SYNC-001', 'theirs', { 'plans/SYNC-001.md~HEAD': null }],
      ['plans/SYNC-001.md~HEAD', 'disk', { 'plans/SYNC-001.md~HEAD': plan('PROPOSED') }],
    ],
  },
];

const left = (who: Developer, files: Files) =>
  Object.fromEntries(Object.keys(files).map((path) => [path, existsSync(who.file(path)) ? who.read(path) : null]));

for (const { sentence, kinds, shown, answers, ...versions } of KINDS) {
  t.test(sentence, async (t) => {
    const { ben } = await stoppedMerge(t, versions);
    const { conflicts } = await ben.run((repo) => listConflicts(repo.store));
    t.strictSame(Object.fromEntries(conflicts.map(({ path, kind }) => [path, kind])), kinds, "the kind is git's");
    t.ok(
      conflicts.every(({ message }) => message.startsWith('CONFLICT (')),
      'and the message',
    );
    t.ok(
      conflicts.every(({ artifact }) => artifact?.id === 'SYNC-001'),
      'and it is about the artifact',
    );
    t.strictSame(left(ben, shown), shown, 'both are to be seen');
    for (const [i, [asked, answer, files, open = 0]] of answers.entries()) {
      const name = `${asked} with ${typeof answer === 'string' ? answer : 'bytes' in answer ? 'a text' : 'hunks'}`;
      await ben.run((repo) => resolveConflict(repo, asked, answer));
      t.strictSame(left(ben, files), files, name);
      t.match(await ben.run(status), { disk: { length: 0 } }, `${name}: nothing to import`);
      t.equal((await ben.run((repo) => listConflicts(repo.store))).open, open, `${name}: what is open`);
      if (i === answers.length - 1) continue;
      await ben.run(abortMerge);
      await ben.run(pull);
    }
    await ben.run((repo) => {
      for (const { path, settled } of listConflicts(repo.store).conflicts)
        if (settled === null) resolveConflict(repo, path, 'base');
    });
    await ben.run(continueMerge);
    t.match(await ben.run(status), { merging: false, disk: { length: 0 } }, 'and it can be committed');
  });
}

t.test('an answer for one of several paths has to say which', async (t) => {
  const { ben } = await stoppedMerge(t, RENAMED);
  const refused = async (answer: Answer) =>
    ben.run((repo) => resolveConflict(repo, 'SYNC-001', answer)).catch((error: SyncError) => error);
  t.match(await refused({ bytes: Buffer.from(both) }), {
    code: 'ARTIFACT_AMBIGUOUS',
    message: new RegExp(`${A}\n *${C}\n *${B}`),
  });
  t.match(await refused({ hunks: new Map([[1, 'ours']]) }), { code: 'HUNK_UNKNOWN' });
  t.match(await refused('union'), { code: 'HUNK_UNKNOWN' });
});

t.test('markers inside of a renamed file are found, too', async (t) => {
  const { ben } = await stoppedMerge(t, CLASH);
  for (const answer of ['disk', { bytes: Buffer.from(nested) }] as const) {
    await t.rejects(
      ben.run((repo) => resolveConflict(repo, B, answer)),
      { code: 'MERGE_UNRESOLVED' },
    );
  }
});

t.test('in an import theirs is what the disk had, and ours what the store has', async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  const change = async (files: Files, options = {}) => {
    for (const [path, text] of Object.entries(files))
      if (text === null) rmSync(ada.file(path), { force: true });
      else ada.write(path, text);
    return ada.run((repo) => importArtifacts(repo, options));
  };
  await change(CLASH.base);
  await change(CLASH.ours);
  const stale = { ...CLASH.theirs, [B]: null };
  t.match(await change(stale, { base: 'HEAD~1' }), { status: 'conflicted', conflicts: { length: 3 } });
  for (const [answer, files] of [
    ['ours', { [B]: CLASH.ours[B]!, [C]: null }],
    ['theirs', { [B]: null, [C]: CLASH.theirs[C]! }],
  ] as const) {
    await ada.run((repo) => resolveConflict(repo, 'SYNC-001', answer));
    t.strictSame(left(ada, files), files, answer);
  }
  t.equal((await ada.run(continueMerge)).parents.length, 1);
  t.match(await ada.run(status), { merging: false, disk: { length: 0 } });
});

t.test('a conflict about a folder stops the merge without one at a path', async (t) => {
  const file = (folder: string, id: number) => `stories/${folder}/SYNC-00${id}.md`;
  const text = (id: number) =>
    storyText(
      `SYNC-00${id}`,
      `Number ${id}`,
      LINES.map((line) => `${id}: ${line}`),
    );
  const { ben } = await stoppedMerge(t, {
    base: { [file('A', 1)]: text(1), [file('A', 2)]: text(2) },
    ours: { [file('A', 1)]: null, [file('A', 2)]: null, [file('B', 1)]: text(1), [file('C', 2)]: text(2) },
    theirs: { [file('A', 3)]: text(3) },
  });
  t.strictSame(await ben.run((repo) => listConflicts(repo.store)), {
    merging: true,
    rebasing: false,
    open: 0,
    conflicts: [],
  });
  await t.rejects(ben.run(importArtifacts), { code: 'MERGE_IN_PROGRESS' });
  await ben.run(continueMerge);
  t.match(await ben.run(status), { merging: false, disk: { length: 0 } });
  t.ok(existsSync(ben.file(file('A', 3))), 'the file stays where it was added');
});

t.test('a Story that was renamed two ways is one artifact at three paths', async (t) => {
  const { ben } = await stoppedMerge(t, RENAMED);
  const { conflicts } = await ben.run((repo) => listConflicts(repo.store));
  t.equal(conflicts.length, 3);
  t.equal(countArtifacts(conflicts), 1, 'which is what a heading says');
  const answer = { bytes: new TextEncoder().encode(both) };
  await t.rejects(
    ben.run((repo) => resolveConflict(repo, 'SYNC-001', answer)),
    {
      code: 'ARTIFACT_AMBIGUOUS',
      hint: 'Give its path.',
    },
  );
});
