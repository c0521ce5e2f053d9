import t from 'tap';
import {
  continueMerge,
  type ListedConflict,
  listConflicts,
  readAnswers,
  resolveConflict,
  resolveWithInput,
  status,
} from '../../../lib/index.js';
import type { Developer } from '../../e2e/developer.js';
import { stoppedMerge } from './stopped-merge.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';
const PLAN = 'plans/SYNC/SYNC-001-one.md';

/** A Story that fits the schema, by its state and the last line of its criteria. */
const story = (state: string, last: string, { criteria = '## Acceptance Criteria', title = '# SYNC-001: One' } = {}) =>
  `${title}\n\n## State\n\n${state}\n\n## Problem Statement\n\nOne.\nTwo.\nThree.\n\n## User Story\n\nAs.\n\n${criteria}\n\n${last}\n`;
/** One that does not: nobody gave it a state or sections. */
const odd = (text: string) => `# Odd\n\n${text}\n`;

const BOTH = {
  base: { [STORY]: story('DRAFT', 'Last.'), [PLAN]: odd('Base.') },
  ours: { [STORY]: story('REVIEW_NEEDED', 'Last, ours.'), [PLAN]: odd('Ours.') },
  theirs: { [STORY]: story('COMMITTED', 'Last, theirs.\n'), [PLAN]: odd('Theirs.') },
};

const list = (who: Developer, ...asked: string[]) => who.run((repo) => listConflicts(repo.store, asked));
const one = async (who: Developer, asked: string): Promise<ListedConflict> => (await list(who, asked)).conflicts[0]!;
/** As the command line has it: a document. */
const input = (who: Developer, answers: unknown, asked?: string) =>
  who.run((repo) => resolveWithInput(repo, readAnswers(Buffer.from(JSON.stringify(answers))), asked));

t.test('what is listed of a conflict', async (t) => {
  const { ben } = await stoppedMerge(t, BOTH);
  const { merging, open, conflicts } = await list(ben);
  t.strictSame([merging, open, conflicts.map(({ path }) => path)], [true, 2, [PLAN, STORY]]);
  const conflict = conflicts[1]!;
  t.match(conflict, {
    artifact: { kind: 'story', id: 'SYNC-001' },
    kind: 'content',
    message: `CONFLICT (content): Merge conflict in ${STORY}`,
    settled: null,
  });
  const read = async (oid: string | undefined) =>
    Buffer.from(await ben.run(({ store }) => store.objects.read(oid!).body)).toString();
  t.equal(await read(conflict.text ?? undefined), ben.read(STORY), 'the text is what is on disk');
  const lines = { text: ben.read(STORY).split('\n') } as Record<string, string[]>;
  for (const side of ['base', 'ours', 'theirs'] as const) {
    t.equal(await read(conflict[side]?.oid), BOTH[side][STORY], `${side} is that side's text`);
    lines[side] = BOTH[side][STORY]!.split('\n');
  }
  t.strictSame(
    conflict.hunks.map(({ index, lines, answer }) => ({ index, ...lines, answer })),
    [
      { index: 1, base: 'DRAFT\n', ours: 'REVIEW_NEEDED\n', theirs: 'COMMITTED\n', answer: null },
      { index: 2, base: 'Last.\n', ours: 'Last, ours.\n', theirs: 'Last, theirs.\n\n', answer: null },
    ],
  );
  for (const hunk of conflict.hunks) {
    for (const side of ['base', 'ours', 'theirs'] as const) {
      const there = lines[side]!.slice(hunk[side].start, hunk[side].end).map((line) => `${line}\n`);
      t.equal(there.join(''), hunk.lines[side], `hunk ${hunk.index}: ${side} is at its lines`);
    }
    const { start, end } = hunk.result!;
    t.match(
      lines.text!.slice(start, end),
      ['<<<<<<< HEAD', hunk.lines.ours.trimEnd(), '======='],
      'and marked in the text',
    );
    t.equal(lines.text![end - 1], '>>>>>>> origin/main');
  }
});

t.test('what is asked for, and what is not', async (t) => {
  const { ben, ada } = await stoppedMerge(t, BOTH);
  const paths = async (...asked: string[]) => (await list(ben, ...asked)).conflicts.map(({ path }) => path);
  t.strictSame(await paths('story/SYNC-001'), [STORY]);
  t.strictSame(await paths(STORY, PLAN), [PLAN, STORY], 'in their own order');
  await t.rejects(paths('SYNC-001'), { code: 'ARTIFACT_AMBIGUOUS' }, 'a Plan and a Story share the id');
  await t.rejects(paths('SYNC-009'), { code: 'ARTIFACT_UNKNOWN' });
  t.strictSame(
    await list(ada, 'SYNC-009'),
    { merging: false, rebasing: false, open: 0, conflicts: [] },
    'without a merge there is none',
  );
});

t.test('a hunk keeps its number, and leaves the text when it is answered', async (t) => {
  const { ben } = await stoppedMerge(t, BOTH);
  const before = await one(ben, STORY);
  await ben.run((repo) => resolveConflict(repo, STORY, { hunks: new Map([[1, 'theirs']]) }));
  const after = await one(ben, STORY);
  t.match(after, {
    settled: null,
    hunks: [
      { index: 1, answer: 'theirs', result: null },
      { index: 2, answer: null },
    ],
  });
  const [then, now] = [before.hunks[1]!.result!, after.hunks[1]!.result!];
  t.equal(ben.read(STORY).split('\n')[now.start], '<<<<<<< HEAD');
  t.equal(now.start, then.start - 4, 'higher up by the lines that are gone');
  t.not(after.token, before.token, 'and the token is another');
});

t.test('answers of a program', async (t) => {
  const { ben } = await stoppedMerge(t, BOTH);
  const [plan, first] = (await list(ben)).conflicts as [ListedConflict, ListedConflict];
  const content = story('COMMITTED', 'Both.');
  const before = [ben.read(STORY), ben.read(PLAN)];
  const hunk = { index: 1, take: 'ours' };
  const { token } = first;
  const refused: [sentence: string, answers: unknown, code: string, says: RegExp, asked?: string][] = [
    ['a text with the markers', { token, content: ben.read(STORY) }, 'MERGE_UNRESOLVED', /conflict markers/],
    ['a hunk with the markers', { token, hunks: [{ index: 1, text: ben.read(STORY) }] }, 'MERGE_UNRESOLVED', /markers/],
    [
      'a text without a section',
      { token, content: content.replace('## User Story', '') },
      'ARTIFACT_INVALID',
      /no section '## User Story'/,
    ],
    [
      'hunks that lose the state',
      {
        token,
        hunks: [
          { index: 1, text: '' },
          { index: 2, take: 'ours' },
        ],
      },
      'ARTIFACT_INVALID',
      /state/,
    ],
    ['a state that is none', { token, content: story('MERGED', 'Both.') }, 'ARTIFACT_INVALID', /cannot be 'MERGED'/],
    ['a hunk that is not there', { token, hunks: [{ index: 3, take: 'ours' }] }, 'HUNK_UNKNOWN', /no hunk 3/],
    ['a token of no conflict', { token: 'f'.repeat(40), content }, 'CONFLICT_CHANGED', /answer 1 is for has changed/],
    [
      'a token of another artifact',
      { token: plan.token, content },
      'CONFLICT_CHANGED',
      /story\/SYNC-001/,
      'story/SYNC-001',
    ],
    [
      'a good answer beside one that is not',
      [
        { token: plan.token, content: odd('Both.') },
        { token: 'f'.repeat(40), content },
      ],
      'CONFLICT_CHANGED',
      /answer 2/,
    ],
    ['no answers', [], 'INPUT_INVALID', /is empty/],
    [
      'two for one conflict',
      [
        { token, content },
        { token, content },
      ],
      'INPUT_INVALID',
      /two answers have the same token/,
    ],
    [
      'a hunk answered twice',
      { token, hunks: [hunk, { ...hunk, take: 'theirs' }] },
      'INPUT_INVALID',
      /hunk 1 is answered twice/,
    ],
    ['no token', { content, hunks: [hunk] }, 'INPUT_INVALID', /\/0: token is missing/],
    ['what no token can be', { token: 'x', content }, 'INPUT_INVALID', /\/0\/token: is a token that/],
    ['neither text nor hunks', { token }, 'INPUT_INVALID', /'content' or 'hunks'/],
    ['both', { token, content, hunks: [hunk] }, 'INPUT_INVALID', /'content' or 'hunks'/],
    ['a number for a text', { token, content: 1 }, 'INPUT_INVALID', /\/0\/content: is no string/],
    ['hunk 0', { token, hunks: [{ index: 0, take: 'ours' }] }, 'INPUT_INVALID', /\/0\/hunks\/0\/index: counts from 1/],
    ['half a hunk', { token, hunks: [{ index: 1.5, take: 'ours' }] }, 'INPUT_INVALID', /index: is no integer/],
    [
      'a side that is none',
      { token, hunks: [{ index: 1, take: 'mine' }] },
      'INPUT_INVALID',
      /is one of ours, theirs, union, base/,
    ],
    ['a word too many', { token, hunks: [{ index: 1, side: 'ours' }] }, 'INPUT_INVALID', /there is no 'side'/],
    ['a hunk with two answers', { token, hunks: [{ ...hunk, text: '' }] }, 'INPUT_INVALID', /'take' or 'text'/],
  ];
  for (const [sentence, answers, code, message, asked] of refused)
    await t.rejects(input(ben, answers, asked), { code, message }, sentence);
  t.throws(() => readAnswers(Buffer.from('{"token": ')), { code: 'INPUT_INVALID', message: /it is not JSON/ });
  t.throws(() => readAnswers(Uint8Array.of(0xff)), { code: 'INPUT_INVALID', message: /not UTF-8/ });
  t.strictSame([ben.read(STORY), ben.read(PLAN)], before, 'what is refused changes nothing');
  t.match(await list(ben), { open: 2, conflicts: [{ token: plan.token }, { token }] });

  await input(ben, { token, hunks: [hunk] });
  await t.rejects(input(ben, { token, content }), { code: 'CONFLICT_CHANGED' }, 'an answer made before another one');
  const now = await one(ben, STORY);
  const settled = await input(ben, [
    { token: now.token, hunks: [{ index: 2, text: 'Both.\n' }] },
    { token: plan.token, content: odd('Both.') },
  ]);
  t.strictSame(
    settled.map(({ path }) => path),
    [STORY, PLAN],
    'in the order of the answers',
  );
  t.strictSame([ben.read(STORY), ben.read(PLAN)], [story('REVIEW_NEEDED', 'Both.'), odd('Both.')]);
  const { token: last } = await one(ben, STORY);
  await input(ben, { token: last, content }, 'story/SYNC-001');
  t.equal(ben.read(STORY), content, 'what is settled can be answered again');
  await ben.run(continueMerge);
  t.match(await ben.run(status), { merging: false, disk: { length: 0 } });
});

t.test('an answer may have the problems that a side has, and no others', async (t) => {
  const titleless = { title: '# One' };
  const { ben } = await stoppedMerge(t, {
    base: { [STORY]: story('DRAFT', 'Last.') },
    ours: { [STORY]: story('DRAFT', 'Last, ours.', titleless) },
    theirs: { [STORY]: story('DRAFT', 'Last, theirs.', { criteria: '## Criteria' }) },
  });
  const { token } = await one(ben, STORY);
  const worse = story('DRAFT', 'Both.', titleless).replace('## User Story', '## Story');
  await t.rejects(input(ben, { token, content: worse }), { code: 'ARTIFACT_INVALID', message: /User Story/ });
  await input(ben, { token, content: story('DRAFT', 'Both.', { ...titleless, criteria: '## Criteria' }) });
  t.match(await list(ben), { open: 0, conflicts: [{ settled: 'text' }] });
});
