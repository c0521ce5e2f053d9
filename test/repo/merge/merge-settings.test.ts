import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { importArtifacts, planPull, pull, pullRebase, push } from '../../../lib/index.js';
import type { Developer } from '../../e2e/developer.js';
import { commit, pair } from '../../e2e/pair.js';

const PLAN = 'plans/SYNC/SYNC-007-plan.md';
const STORY = 'stories/SYNC/SYNC-008-story.md';
const BOXES = '- [ ] one\n- [ ] two\n- [ ] three\n';
const text = (id: string, state: string) => `# ${id}: Boxes\n\n## State\n\n${state}\n\n## Tasks\n\n${BOXES}`;

/** Two people who have the same Plan and Story, each with boxes to tick. */
async function together(t: Test, config: string): Promise<{ ada: Developer; ben: Developer }> {
  const { ada, ben } = await pair(t);
  ada.write(PLAN, text('SYNC-007', 'PROPOSED'));
  ada.write(STORY, text('SYNC-008', 'DRAFT'));
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
  const file = join(ben.root, '.agent/etc/sync.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${config}`);
  return { ada, ben };
}

/** Both tick a box of a file, beside each other. */
async function tick(ada: Developer, ben: Developer, path: string): Promise<void> {
  await commit(ada, path, '- [ ] one', '- [x] one');
  await ada.run(push);
  await commit(ben, path, '- [ ] two', '- [x] two');
}

const TICKED = '- [x] one\n- [x] two\n- [ ] three\n';
const BY_PARTS = 'kinds: { story: { merge: artifact } }\n';

t.test('boxes that two people tick beside each other', async (t) => {
  type Join = (ben: Developer) => Promise<unknown>;
  const table: [what: string, config: string, path: string, join: Join, merges: boolean][] = [
    ['conflict, as lines do', '', STORY, (ben) => ben.run(pull), false],
    ['merge in a kind that is merged by parts', BY_PARTS, STORY, (ben) => ben.run(pull), true],
    ['conflict in another kind', BY_PARTS, PLAN, (ben) => ben.run(pull), false],
    ['merge in a rebase', BY_PARTS, STORY, (ben) => ben.run(pullRebase), true],
  ];
  for (const [what, config, path, join, merges] of table) {
    const { ada, ben } = await together(t, config);
    await tick(ada, ben, path);
    const planned = (await ben.run(planPull)).merge;
    t.equal(planned?.status, merges ? 'merged' : 'conflicted', `${what}: as a preview tells`);
    await join(ben);
    t.equal(ben.read(path).includes(TICKED), merges, what);
    t.equal(ben.read(path).includes('<<<<<<< HEAD'), !merges, what);
  }
});

t.test('boxes that were ticked on disk since it was exported merge in an import', async (t) => {
  for (const [config, status] of [
    ['', 'conflicted'],
    [BY_PARTS, 'imported'],
  ] as const) {
    const { ben } = await together(t, config);
    const base = ben.read('.agent-sync-base');
    await commit(ben, STORY, '- [ ] one', '- [x] one');
    ben.write('.agent-sync-base', base);
    ben.write(STORY, text('SYNC-008', 'DRAFT').replace('- [ ] two', '- [x] two'));
    t.match(await ben.run(importArtifacts), { status }, config || 'line by line');
    t.equal(ben.read(STORY).includes(TICKED), status === 'imported');
  }
});

t.test("the states of sync.yaml take the place of the kind's own", async (t) => {
  const table: [what: string, states: string, status: string][] = [
    ['a way that the kind knows', '', 'merged'],
    ['a way that sync.yaml does not know', ', states: { DRAFT: [DONE], DONE: [], REVIEW_NEEDED: [] }', 'conflicted'],
    ['a way that sync.yaml knows', ', states: { DRAFT: [REVIEW_NEEDED], REVIEW_NEEDED: [] }', 'merged'],
  ];
  for (const [what, states, status] of table) {
    const { ada, ben } = await together(t, `kinds: { story: { merge: artifact${states} } }\n`);
    await commit(ada, STORY, 'DRAFT', 'REVIEW_NEEDED');
    await ada.run(push);
    await commit(ben, STORY, '- [ ] three', '- [x] three');
    const planned = (await ben.run(planPull)).merge;
    t.equal(planned?.status, status, what);
    if (status === 'conflicted') t.match(planned?.artifacts, [{ path: STORY, conflict: { kind: 'state' } }], what);
  }
});
