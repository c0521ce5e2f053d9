/** Merging, pulling and rebasing as somebody types them: what is said, the exit codes, and the documents for programs. */
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { neighbours, play } from './neighbours.js';
import type { Shell } from './shell.js';

const STORY = 'stories/WEB/WEB-001-search.md';
const MINE = 'stories/WEB/WEB-003-mine.md';
const OTHER = 'stories/WEB/WEB-002-filter.md';

/** Ada has pushed a state for the first Story and a word in the second; Bob has another state, and a Story of his own. */
async function diverged(t: Test): Promise<{ ada: Shell; bob: Shell }> {
  const [ada, bob] = neighbours(t, 'ada', 'bob') as [Shell, Shell];
  const typed = [
    { who: ada, line: 'agent sync init --origin file:../origin.db --project web' },
    {
      who: ada,
      line: "agent new-story 'Search' --prefix WEB && agent new-story 'Filter' --prefix WEB && agent sync push",
    },
    { who: bob, line: 'agent sync init --origin file:../origin.db --project web && agent sync pull' },
    { who: ada, line: 'agent set-state WEB-001 REVIEW_NEEDED && agent set-state WEB-002 DONE && agent sync push' },
    { who: bob, line: 'agent set-state WEB-001 ICEBOX' },
    { who: bob, line: `sed s/WEB-001/WEB-003/ .agent/cache/${STORY} > .agent/cache/${MINE} && agent sync import` },
  ];
  await play(t, typed);
  return { ada, bob };
}

const text = (who: Shell, path: string) => readFileSync(who.path('.agent/cache', path), 'utf8');

t.test('a dry run says what would come of a pull', async (t) => {
  const { bob } = await diverged(t);
  await play(t, [
    {
      who: bob,
      line: 'agent sync pull --dry-run',
      code: 1,
      says: [
        'main -> origin/main',
        'Would stop: 1 artifact changed both here and at the origin:',
        `content: ${STORY}`,
        `And would take:\n  M ${OTHER}  DRAFT -> DONE\n1 changed only here, 0 changed by nobody.`,
      ],
    },
    { who: bob, line: `sed -i 's/DRAFT/DRAFT /' .agent/cache/${OTHER}` },
    {
      who: bob,
      line: 'agent sync pull --dry-run -X theirs',
      code: 1,
      says: ['Would merge origin/main:', 'Would be refused: work on disk', OTHER],
    },
    { who: bob, line: `sed -i 's/DRAFT /DRAFT/' .agent/cache/${OTHER}` },
    { who: bob, line: 'agent sync pull --dry-run -X ours', says: ['Would merge origin/main:', `M ${OTHER}`] },
    {
      who: bob,
      line: 'agent sync pull --dry-run --rebase',
      code: 1,
      says: [/Would replay 0 commits, and stop at [0-9a-f]{7}, before 1 commit more:/],
    },
    {
      who: bob,
      line: 'agent sync pull --dry-run --rebase -X theirs',
      says: ['Would replay 2 commits:', `M ${OTHER}  DRAFT -> DONE`],
    },
  ]);
});

t.test('a revision is merged', async (t) => {
  const { ada, bob } = await diverged(t);
  await play(t, [
    { who: bob, line: 'agent sync fetch' },
    { who: bob, line: 'agent sync merge --preview origin/main', code: 1, says: ['Would stop: 1 artifact'] },
    {
      who: bob,
      line: 'agent sync merge --ff-only origin/main',
      code: 128,
      says: ['[FAST_FORWARD_IMPOSSIBLE]', '--rebase'],
    },
    { who: bob, line: 'agent sync merge nonsense', code: 128, says: ['[REVISION_UNKNOWN]'] },
    {
      who: bob,
      line: 'agent sync merge -X theirs origin/main',
      says: [/^Merged origin\/main as [0-9a-f]{7}:/, `M ${STORY}`],
    },
    { who: bob, line: 'agent sync merge origin/main', says: ['Already up to date.'] },
    { who: bob, line: 'agent sync log -n 1', says: ['Merge: ', 'Merge origin/main'] },
    { who: ada, line: 'agent sync pull --ff-only', says: ['Already up to date.'] },
    { who: bob, line: 'agent sync push' },
    { who: ada, line: 'agent sync pull --ff-only', says: ['Fast-forward'] },
    { who: ada, line: 'agent set-state WEB-002 ICEBOX && agent sync push' },
    { who: bob, line: 'agent sync pull --no-ff', says: [/^Merged origin\/main as/m] },
  ]);
  t.match(text(bob, STORY), 'REVIEW_NEEDED');
});

t.test('sync.yaml says who wins', async (t) => {
  const { bob } = await diverged(t);
  await play(t, [
    { who: bob, line: `printf 'sync: { conflict: ours }\n' >> .agent/etc/sync.yaml` },
    { who: bob, line: 'agent sync pull', says: ['Merged origin/main'] },
  ]);
  t.match(text(bob, STORY), 'ICEBOX');
});

t.test('commits are replayed', async (t) => {
  const { ada, bob } = await diverged(t);
  await play(t, [
    {
      who: bob,
      line: 'agent sync pull --rebase',
      code: 1,
      says: [
        /Could not replay [0-9a-f]{7}, with 1 commit after it:/,
        `content: ${STORY}`,
        "'agent sync rebase --abort'",
      ],
    },
    {
      who: bob,
      line: 'agent sync status',
      says: [/A rebase is in progress, 0 commits done, at [0-9a-f]{7}, 1 to come: 1 conflict open\./],
    },
    { who: bob, line: 'agent sync push', code: 128, says: ['[MERGE_IN_PROGRESS]', "'agent sync rebase --continue'"] },
    { who: bob, line: 'agent sync merge --continue', code: 128, says: ['[MERGE_NOT_IN_PROGRESS]', 'a rebase is'] },
    { who: bob, line: 'agent sync rebase --continue', code: 128, says: ['[MERGE_UNRESOLVED]', STORY] },
    { who: bob, line: 'agent sync rebase --abort', says: ['Dropped the rebase and restored 3 files.', STORY] },
    { who: bob, line: 'agent sync rebase --abort', code: 128, says: ['[MERGE_NOT_IN_PROGRESS]'] },
    { who: bob, line: 'agent sync rebase origin/main', code: 1 },
    { who: bob, line: 'agent sync resolve WEB-001 --theirs', says: ["'agent sync rebase --continue'"] },
    {
      who: bob,
      line: 'agent sync rebase --continue',
      says: [/^Rebased 2 commits; HEAD is at [0-9a-f]{7}:\n/, `M ${OTHER}`],
    },
    { who: bob, line: 'agent sync pull --rebase', says: ['Already up to date.'] },
    { who: bob, line: 'agent sync push', says: ['Pushed 2 commits'] },
    { who: ada, line: 'agent sync pull --rebase', says: ['Fast-forward'] },
  ]);
  t.match(text(ada, STORY), 'ICEBOX');

  await play(t, [
    { who: ada, line: 'agent set-state WEB-001 DRAFT && agent sync push' },
    { who: bob, line: 'agent set-state WEB-001 COMMITTED; agent sync pull --rebase', code: 1 },
    {
      who: bob,
      line: 'agent sync rebase --skip',
      says: ['Rebased 0 commits, dropped 1 that came to nothing;', `M ${STORY}`],
    },
  ]);
});

t.test('programs get the whole of it', async (t) => {
  const { bob } = await diverged(t);
  const outcome = 'artifacts blocked messages ours status theirs tree unchanged';
  const artifact = 'after before conflict disk outcome path side state';
  const rows: readonly (readonly [line: string, code: number, keys: string, inner?: string, items?: string])[] = [
    ['agent sync pull --dry-run', 1, 'fetched merge', outcome, artifact],
    ['agent sync pull --dry-run --rebase', 1, 'fetched rebase', `${outcome} commits`, artifact],
    ['agent sync fetch', 0, 'refs received dryRun'],
    ['agent sync merge --preview origin/main', 1, outcome],
    ['agent sync pull --rebase', 1, 'fetched rebased', 'commit commits conflicts messages status todo'],
    ['agent sync rebase --abort', 0, 'restored'],
    ['agent sync rebase -X ours origin/main', 0, 'changes commits from status to'],
    ['agent sync merge HEAD~1', 0, 'commit status'],
    ['agent sync pull', 0, 'fetched merged', 'commit status'],
  ];
  const sorted = (keys: string) => keys.split(' ').sort();
  for (const [line, code, keys, inner, items] of rows) {
    const ran = await bob.run(`${line} --json`);
    t.equal(ran.code, code, line, { ...ran });
    const document = JSON.parse(ran.out);
    t.same(Object.keys(document).sort(), sorted(keys), `${line}: the document`);
    const [, name = ''] = keys.split(' ');
    if (inner) t.same(Object.keys(document[name]).sort(), sorted(inner), `${line}: ${name}`);
    if (items) t.same(Object.keys(document[name].artifacts[0]).sort(), sorted(items), `${line}: an artifact`);
  }
});
