import t, { type Test } from 'tap';
import {
  type Answer,
  continueMerge,
  importArtifacts,
  listArtifacts,
  listConflicts,
  pull,
  push,
  resolveConflict,
  status,
} from '../../../lib/index.js';
import type { Developer } from '../../e2e/developer.js';
import { pair, STORY } from '../../e2e/pair.js';

const text = (state: string, boxes = '- [ ] one\n- [ ] two', before = '') =>
  `${before}# SYNC-001: One\n\n## State\n\n${state}\n\n## Acceptance Criteria\n\n${boxes}\n`;

/** Two people who merge Stories by their parts, after each has made another version of one. */
async function diverged(t: Test, base: string, ours: string, theirs: string): Promise<Developer> {
  const { ada, ben } = await pair(t);
  for (const who of [ada, ben]) who.configure('kinds:\n  story:\n    merge: artifact\n');
  const change = async (who: Developer, version: string) => {
    who.write(STORY, version);
    await who.run(importArtifacts);
  };
  await change(ada, base);
  await ada.run(push);
  await ben.run(pull);
  await change(ada, theirs);
  await ada.run(push);
  await change(ben, ours);
  return ben;
}

t.test('two people tick neighbouring boxes, and one takes the state on', async (t) => {
  const base = text('DRAFT');
  const ben = await diverged(t, base, text('DRAFT', '- [x] one\n- [ ] two'), text('ACCEPTED', '- [ ] one\n- [x] two'));
  t.match(await ben.run(pull), { merged: { status: 'merged' } });
  t.equal(ben.read(STORY), text('ACCEPTED', '- [x] one\n- [x] two'));
  t.match(await ben.run(push), { status: 'pushed' });
});

t.test('a conflict about the state is settled like any other', async (t) => {
  const marked = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}\n=======\n${theirs}\n>>>>>>> origin/main`;
  const hidden = '---\nstatus: DRAFT\n---\n';
  const rows: [
    says: string,
    versions: [base: string, ours: string, theirs: string],
    shown: string,
    message: string,
    answer: Answer,
    settled: string,
    state: string,
  ][] = [
    [
      'both went different ways',
      [text('DRAFT'), text('REVIEW_NEEDED'), text('ICEBOX', '- [x] one\n- [ ] two')],
      text(marked('REVIEW_NEEDED', 'ICEBOX'), '- [x] one\n- [ ] two'),
      'SYNC-001 went from DRAFT to REVIEW_NEEDED in HEAD and to ICEBOX in origin/main',
      { hunks: new Map([[1, 'theirs']]) },
      text('ICEBOX', '- [x] one\n- [ ] two'),
      'ICEBOX',
    ],
    [
      'one went where it may not',
      [text('COMMITTED'), text('COMMITTED', '- [x] one\n- [ ] two'), text('DRAFT')],
      text(marked('COMMITTED', 'DRAFT'), '- [x] one\n- [ ] two'),
      'SYNC-001 went from COMMITTED to DRAFT in origin/main, which a story cannot',
      { hunks: new Map([[1, 'ours']]) },
      text('COMMITTED', '- [x] one\n- [ ] two'),
      'COMMITTED',
    ],
    [
      'the merge of lines hides the way that one went',
      [text('DRAFT'), text('DRAFT', undefined, hidden), text('ACCEPTED')],
      text('ACCEPTED', undefined, hidden),
      'SYNC-001 went from DRAFT to ACCEPTED in origin/main, but its text merged to DRAFT',
      'theirs',
      text('ACCEPTED'),
      'ACCEPTED',
    ],
  ];
  for (const [says, versions, shown, message, answer, settled, state] of rows) {
    const ben = await diverged(t, ...versions);
    t.match(await ben.run(pull), { merged: { status: 'conflicted' } }, says);
    t.equal(ben.read(STORY), shown, `${says}: the file`);
    const { conflicts } = await ben.run((repo) => listConflicts(repo.store, []));
    t.match(conflicts, [{ path: STORY, kind: 'state', message: `CONFLICT (state): ${message}` }], `${says}: the list`);
    await ben.run((repo) => resolveConflict(repo, STORY, answer));
    t.equal(ben.read(STORY), settled, `${says}: settled`);
    await ben.run(continueMerge);
    t.match(await ben.run(status), { disk: { length: 0 } }, `${says}: done`);
    const listed = await ben.run((repo) => listArtifacts(repo, { id: 'SYNC-001' }));
    t.match(listed, [{ state }], `${says}: the list of artifacts`);
  }
});
