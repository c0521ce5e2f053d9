import { readFileSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { COMMANDS } from '../../lib/cli/commands.js';
import { abortMerge, pull } from '../../lib/index.js';
import { type Developer, storyText } from '../e2e/developer.js';
import { stoppedMerge } from '../repo/conflicts/stopped-merge.js';
import { runAll, Shell } from './shell.js';

const STORY = '.agent/cache/stories/WEB/WEB-001-search.md';
const PLAN = '.agent/cache/plans/WEB/WEB-002-find.md';
const SHOWN = STORY.replace('.agent/cache/', '');
const story = (first: string, last: string) =>
  storyText('WEB-001', 'Search', [first, 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', last]);
const marked = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}\n=======\n${theirs}\n>>>>>>> origin/main`;

/** Bob, whose pull stopped, and his folder: a Story has two hunks, and a Plan that he changed was removed. */
async function stopped(t: Test): Promise<{ bob: Shell; who: Developer }> {
  const [storyPath, planPath] = [STORY, PLAN].map((path) => path.replace('.agent/cache/', '')) as [string, string];
  const plan = '# WEB-002: Find\n\nStatus: PROPOSED\n';
  const { ben: who } = await stoppedMerge(t, {
    base: { [storyPath]: story('One.', 'Last.'), [planPath]: plan },
    ours: { [storyPath]: story('One, by Bob.', 'Last, by Bob.'), [planPath]: plan.replace('PROPOSED', 'COMMITTED') },
    theirs: { [storyPath]: story('One, by Ada.', 'Last, by Ada.'), [planPath]: null },
  });
  return { bob: new Shell(t, { folder: who.root, env: who.env }), who };
}

t.test('conflicts are listed, and settled one after the other', async (t) => {
  const { bob } = await stopped(t);
  const steps: [line: string, code: number, says: string | RegExp][] = [
    [
      'agent sync conflicts',
      1,
      `2 of 2 conflicts are open.

plans/WEB/WEB-002-find.md: open
  CONFLICT (modify/delete): plans/WEB/WEB-002-find.md deleted in origin/main and modified in HEAD.  Version HEAD of plans/WEB/WEB-002-find.md left in tree.

${SHOWN}: open, 2 hunks
  CONFLICT (content): Merge conflict in ${SHOWN}

Settle each with 'agent sync resolve', then run 'agent sync merge --continue';
or go back to where you were with 'agent sync merge --abort'.
`,
    ],
    [
      'agent sync conflicts story/WEB-001',
      1,
      `
  hunk 1, line 9
    ours   | One, by Bob.
    base   | One.
    theirs | One, by Ada.
  hunk 2, line 19
`,
    ],
    ['agent sync resolve WEB-001 --hunk 1=theirs', 0, `${SHOWN} has 1 hunk left: 2.\n2 conflicts left.\n`],
    [`cat ${STORY}`, 0, story('One, by Ada.', marked('Last, by Bob.', 'Last, by Ada.'))],
    [
      'agent sync conflicts WEB-001',
      1,
      /: open, 2 hunks, 1 open\n(.*\n)+ {2}hunk 1: theirs\n(.*\n)+ {2}hunk 2, line 15\n/,
    ],
    [
      'agent sync resolve WEB-001',
      129,
      /still has conflict markers .*\n.*--ours, --theirs, --base, --union, .*--hunk, --file, --input/,
    ],
    ['agent sync resolve WEB-002 --union', 128, '[HUNK_UNKNOWN]'],
    ['agent sync resolve WEB-002 --theirs', 0, 'Settled plans/WEB/WEB-002-find.md by removing it.\n1 conflict left.\n'],
    [
      `sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' ${STORY} && agent sync resolve WEB-001`,
      0,
      `Settled ${SHOWN} with a text of its own.`,
    ],
    ['agent sync conflicts', 0, /^0 of 2 conflicts are open\.\n(.*\n)*Finish with 'agent sync merge --continue'\.\n$/],
    ['agent sync merge --abort && agent sync conflicts', 0, 'No merge is in progress.\n'],
    [
      'agent sync pull > /dev/null; agent sync resolve --all --theirs',
      0,
      /^Settled plans.* by removing it\.\nSettled stories.* with their version\.\nFinish/,
    ],
    ['agent sync resolve --all --ours', 0, /^Finish with 'agent sync merge --continue'\.\n$/],
    ['agent sync resolve --all --union --json', 0, /^{\s*"settled": \[\],\s*"open": 0\s*}\s*$/],
    [
      'agent sync resolve WEB-001 --base && agent sync resolve WEB-001 --union',
      0,
      /before both\.(.*\n)+.*hunk by hunk\./,
    ],
    ['agent sync merge --continue && agent sync conflicts', 0, 'No merge is in progress.\n'],
  ];
  for (const [line, code, says] of steps) {
    const ran = await bob.run(line);
    t.equal(ran.code, code, line, { ...ran });
    t.match(ran.out + ran.err, says, line);
  }
  t.equal(readFileSync(bob.path(STORY), 'utf8'), story('One, by Bob.\nOne, by Ada.', 'Last, by Bob.\nLast, by Ada.'));
});

t.test('a program reads the conflicts and answers them', async (t) => {
  const { bob } = await stopped(t);
  const program = (body: string) =>
    writeFileSync(
      bob.path('answer.mjs'),
      `const { conflicts } = JSON.parse(await new Response(process.stdin).text());\n${body}`,
    );
  const answer = `agent sync conflicts --json | '${process.execPath}' answer.mjs | agent sync resolve --input - --json`;
  program(`console.log(JSON.stringify({ token: conflicts[1].token, content: 'nothing' }))`);
  const refused = await bob.run(answer);
  t.equal(refused.code, 128);
  t.match(JSON.parse(refused.out), { error: { code: 'ARTIFACT_INVALID' } });

  program(
    `console.log(JSON.stringify({ token: conflicts[1].token, hunks: [{ index: 1, take: 'ours' }, { index: 2, text: 'End.\\n' }] }))`,
  );
  const { code, out } = await bob.run(answer);
  t.equal(code, 0);
  const { settled, open } = JSON.parse(out);
  t.equal(open, 1);
  const keys = 'artifact base hunks kind message ours path settled suggestion text theirs token';
  t.equal(Object.keys(settled[0]).sort().join(' '), keys);
  t.equal(Object.keys(settled[0].hunks[0]).sort().join(' '), 'answer base index lines ours result theirs');
  t.match(settled[0], { path: SHOWN, settled: 'hunks', hunks: [{ answer: 'ours' }, { answer: { text: 'End.\n' } }] });
  t.equal(readFileSync(bob.path(STORY), 'utf8'), story('One, by Bob.', 'End.'));
  writeFileSync(bob.path('stale.json'), JSON.stringify({ token: 'f'.repeat(40), content: '' }));
  t.match((await bob.run('agent sync resolve --input stale.json')).err, '[CONFLICT_CHANGED]');
  t.match((await bob.run('echo [] | agent sync resolve --input -')).err, /\n {2}\/: is empty \[INPUT_INVALID\]/);
});

/** What every command does while conflicts are open. */
const DURING_A_MERGE: Readonly<Record<string, readonly string[]>> = {
  refused: [
    'sync import',
    'sync pull',
    'sync pull --dry-run',
    'sync rebase HEAD~1',
    'sync scrub',
    'sync scrub --history',
    'sync purge --actor ben',
    'sync push',
    'sync push --dry-run',
    'sync export',
    'sync push --pull',
    'sync queue run',
    'new-plan More --prefix WEB',
    'new-story More --prefix WEB --draft',
    'new-story More --prefix WEB',
    'new-runbook WEB-001',
    `edit WEB-001 --file ${STORY}`,
    'set-state WEB-001 DONE',
    'rm WEB-001',
  ],
  unresolved: ['sync merge --continue'],
  impossible: ['sync rebase --continue', 'sync rebase --skip', 'sync rebase --abort'],
  done: [
    'sync status',
    'sync log',
    'sync show',
    'sync diff HEAD~1',
    'sync fetch',
    'sync export --to copy',
    'sync queue',
    'sync fsck',
    'sync scrub --check',
    'sync gc --grace 0',
    'sync backup before.db',
    'sync doctor',
    'sync members',
    'sync members list',
    'sync op log',
    'sync audit --verify',
    'sync audit',
    'sync stats',
    'list',
    'show WEB-001',
    'sync init',
  ],
  answers: ['sync conflicts', 'sync resolve WEB-001 --ours'],
};
const APART = [
  // Go back to before the conflicts; see undo.test.ts.
  'sync undo',
  'sync op restore',
  // Ends by Ctrl-C only; see watch.test.ts.
  'sync watch',
  'sync restore',
  'sync queue drop',
  'sync members add',
  'sync members set-role',
  'sync members remove',
  // Have nothing to do with the project's files; see login.test.ts.
  'sync login',
  'sync logout',
  'sync whoami',
  'origin start',
  'origin stop',
  'origin status',
  'origin user add',
];

t.test('while conflicts are open nothing can be committed or pushed', async (t) => {
  const { bob } = await stopped(t);
  const lines = Object.values(DURING_A_MERGE).flat();
  const isTried = (name: string) => lines.some((line) => `${line} `.startsWith(`${name} `)) || APART.includes(name);
  t.strictSame(
    Object.keys(COMMANDS).filter((name) => !isTried(name)),
    [],
    'every command is tried',
  );
  const state = async () => [
    (await bob.run('agent sync log --json')).out,
    (await bob.run('agent sync conflicts --json')).out,
    readFileSync(bob.path(STORY), 'utf8'),
  ];
  const before = await state();
  const rows = (name: string) => DURING_A_MERGE[name]!.map((line) => ({ line: `agent ${line}` }));
  await runAll(bob, rows('refused'), ({ line }, { code, err }) => {
    t.equal(code, 128, line);
    t.match(err, /a merge is waiting to be finished; 2 of 2 conflicts are open \[MERGE_IN_PROGRESS\]/, line);
    for (const way of ['conflicts', 'resolve', 'merge --continue', 'merge --abort'])
      t.match(err, `'agent sync ${way}'`, line);
  });
  await runAll(bob, rows('unresolved'), ({ line }, { code, err }) => {
    t.equal(code, 128, line);
    t.match(
      err,
      new RegExp(
        `conflicts are still open:\\n  plans/WEB/.*\\n  ${SHOWN} \\[MERGE_UNRESOLVED\\]\\n.*'agent sync resolve'`,
      ),
    );
  });
  await runAll(bob, rows('impossible'), ({ line }, { code, err }) => {
    t.equal(code, 128, line);
    t.match(err, "'agent sync merge --continue'", line);
  });
  await runAll(bob, rows('done'), ({ line }, { code }) => t.equal(code, 0, line));
  t.strictSame(await state(), before, 'nothing has changed');
});

t.test('of those who answer at once, all are heard, and the last one shows', async (t) => {
  const { bob, who } = await stopped(t);
  const again = async () => {
    await who.run(abortMerge);
    await who.run(pull);
  };
  const atOnce = (...lines: string[]) =>
    bob.run(`${lines.map((line) => `agent sync resolve WEB-001 ${line} &`).join('\n')}\nwait`);
  for (let round = 0; round < 2; round++) {
    await atOnce('--ours', '--theirs', '--base', '--ours', '--theirs');
    const { settled } = JSON.parse((await bob.run('agent sync conflicts --json WEB-001')).out).conflicts[0];
    const texts = {
      ours: story('One, by Bob.', 'Last, by Bob.'),
      theirs: story('One, by Ada.', 'Last, by Ada.'),
      base: story('One.', 'Last.'),
    };
    t.equal(readFileSync(bob.path(STORY), 'utf8'), texts[settled as keyof typeof texts], `round ${round}: ${settled}`);
    await again();
    await atOnce('--hunk 1=ours', '--hunk 2=theirs');
    t.equal(
      readFileSync(bob.path(STORY), 'utf8'),
      story('One, by Bob.', 'Last, by Ada.'),
      `round ${round}: both hunks`,
    );
    await again();
  }
  t.equal((await bob.run('agent sync fsck')).code, 0);
});
