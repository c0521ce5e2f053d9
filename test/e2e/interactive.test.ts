/** Conflicts settled by somebody at a terminal, with the built command. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { pull, push, status } from '../../lib/index.js';
import {
  aboutToConflict,
  answer,
  COMMIT,
  CTRL_C,
  CTRL_D,
  FIRST,
  GONE,
  type Row,
  SECOND,
  STORY,
  THIRD,
  terminal,
} from './conflicts.js';

t.test('a pull that stops walks through the conflicts at once, and commits at the end', async (t) => {
  const { ada, bob } = await aboutToConflict(t);
  const at = terminal(t, bob, 'sync pull');
  await at.sees('changed both here and at the origin:');
  const shown = (await at.sees('Which lines?')).replaceAll('\r\n', '\n');
  t.match(shown, 'story/SHOP-001 Cart: hunk 1 of 2, conflict 1 of 2\nstories/SHOP/SHOP-001-cart.md:9 (content)\n');
  t.match(
    shown,
    '<<<<<<< ours (HEAD)\nOne, by Bob.\n||||||| base\nOne.\n=======\nOne, by Ada.\n>>>>>>> theirs (origin/main)\nTwo.\n',
  );
  await at.answers('otubes', 'o\r');
  await answer(at, [[SECOND, 't']]);
  const removed = await at.sees('Which version?');
  t.match(removed, /CONFLICT \(modify\/delete\)[\s\S]*ours: 13 lines[\s\S]*base: 13 lines[\s\S]*theirs: no file/);
  await at.answers('otbs', 'o\r');
  await answer(at, [[COMMIT, 'y']]);
  const { code, rest } = await at.ends();
  t.equal(code, 0);
  t.match(rest, 'Committed the merge as ');
  t.match(bob.read(STORY), /One, by Bob\.\nTwo\.[\s\S]*Six\.\nSeven, by Ada\.\n$/);
  t.match(bob.read(GONE), 'Three, by Bob.');
  t.match(await bob.run(status), { merging: false, ahead: 2, behind: 0, disk: { length: 0 } });
  await bob.run(push);
  await ada.run(pull);
  t.equal(ada.read(STORY), bob.read(STORY), 'and the others get it');
});

/** A command on the terminal: what is asked and typed, how it ends and what it says last. */
interface Session {
  readonly line: string;
  readonly rows: readonly Row[];
  readonly code: number;
  readonly says: string | RegExp;
}

const committed = { code: 0, says: 'Committed the merge as ' } as const;
const left = (n: number) => ({ code: 1, says: `${n} conflict${n === 1 ? '' : 's'} left. Go on with` });

const WALKS: {
  readonly what: string;
  readonly sessions: readonly Session[];
  readonly story: RegExp;
  readonly gone?: false;
}[] = [
  {
    what: 'both, the base, and a removal',
    sessions: [
      {
        line: 'sync pull',
        rows: [
          [FIRST, 'u'],
          [SECOND, 'b'],
          [THIRD, 't'],
          [COMMIT, 'y'],
        ],
        ...committed,
      },
    ],
    story: /\nOne, by Bob\.\nOne, by Ada\.\nTwo\.[\s\S]*Six\.\nSeven\.\n$/,
    gone: false,
  },
  {
    what: 'an answer taken back, also from the end',
    sessions: [
      {
        line: 'sync pull',
        rows: [
          [FIRST, 'o'],
          [SECOND, 'p'],
          [FIRST, 't'],
          [SECOND, 'o'],
          [THIRD, 'o'],
          [COMMIT, 'p'],
          [THIRD, 't'],
          [COMMIT, 'y'],
        ],
        ...committed,
      },
    ],
    story: /\nOne, by Ada\.\nTwo\.[\s\S]*\nSeven, by Bob\.\n$/,
    gone: false,
  },
  {
    what: 'skipped and gone on with later',
    sessions: [
      {
        line: 'sync pull',
        rows: [
          [FIRST, 's'],
          [SECOND, 'o'],
          [THIRD, 's'],
        ],
        ...left(2),
      },
      {
        line: 'sync resolve',
        rows: [
          [FIRST, 's'],
          [THIRD, 'o'],
        ],
        ...left(1),
      },
      {
        line: 'sync resolve',
        rows: [
          ['hunk 1 of 2, conflict 1 of 1', 't'],
          [COMMIT, 'n'],
        ],
        code: 0,
        says: "Finish with 'agent sync merge --continue'.",
      },
      { line: 'sync resolve', rows: [[COMMIT, 'y']], ...committed },
    ],
    story: /\nOne, by Ada\.\nTwo\.[\s\S]*\nSeven, by Bob\.\n$/,
  },
  {
    what: 'one artifact after the other',
    sessions: [
      { line: 'sync pull --no-interactive', rows: [], code: 1, says: "'agent sync merge --abort'." },
      { line: 'sync resolve SHOP-002', rows: [['story/SHOP-002 Old: conflict 1 of 1', 'o']], ...left(1) },
      {
        line: 'sync resolve story/SHOP-001',
        rows: [
          ['hunk 1 of 2, conflict 1 of 1', 'o'],
          ['hunk 2 of 2, conflict 1 of 1', 'o'],
          [COMMIT, 'y'],
        ],
        ...committed,
      },
    ],
    story: /\nOne, by Bob\.\nTwo\.[\s\S]*\nSeven, by Bob\.\n$/,
  },
  {
    what: 'quit and interrupted, keeping what was answered',
    sessions: [
      {
        line: 'sync pull',
        rows: [
          [FIRST, 'o'],
          [SECOND, 'q'],
        ],
        ...left(2),
      },
      {
        line: 'sync resolve',
        rows: [
          [SECOND, 't'],
          [THIRD, CTRL_C],
        ],
        code: 130,
        says: /fatal: interrupted; what you answered is kept, and the merge waits \[ABORTED\]\nhint: Go on with/,
      },
      {
        line: 'sync resolve',
        rows: [['story/SHOP-002 Old: conflict 1 of 1', CTRL_D]],
        code: 130,
        says: /fatal: interrupted; what you answered is kept/,
      },
      {
        line: 'sync resolve',
        rows: [
          ['story/SHOP-002 Old: conflict 1 of 1', 't'],
          [COMMIT, 'y'],
        ],
        ...committed,
      },
    ],
    story: /\nOne, by Bob\.\nTwo\.[\s\S]*\nSeven, by Ada\.\n$/,
    gone: false,
  },
  {
    what: 'help, and a key that means nothing',
    sessions: [
      {
        line: 'sync pull',
        rows: [
          [FIRST, '?'],
          ['o) take ours', 'x'],
          ["isn't an available option", '\x7fo'],
          [SECOND, 'o'],
          [THIRD, 'o'],
          [COMMIT, 'y'],
        ],
        ...committed,
      },
    ],
    story: /\nOne, by Bob\.\nTwo\.[\s\S]*\nSeven, by Bob\.\n$/,
  },
];

for (const { what, sessions, story, gone = true } of WALKS) {
  t.test(what, async (t) => {
    const { bob } = await aboutToConflict(t);
    for (const { line, rows, code, says } of sessions) {
      const at = terminal(t, bob, line);
      await answer(at, rows);
      const ended = await at.ends();
      t.equal(ended.code, code, line);
      t.match(ended.rest, says, line);
    }
    t.match(bob.read(STORY), story);
    t.equal(existsSync(bob.file(GONE)), gone);
    t.match(await bob.run(status), { merging: false, ahead: 2, disk: { length: 0 } }, 'the merge is committed');
  });
}
