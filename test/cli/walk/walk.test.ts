import t from 'tap';
import { answersTo, currentQuestion, startWalk, takeStep, type Walk } from '../../../lib/cli/walk/walk.js';

/** Steps as keys: `s` skips, `p` goes back, anything else is an answer. */
function play(conflicts: (string | null)[][], keys: string): Walk<string> {
  return [...keys].reduce(
    (walk, key) =>
      takeStep(walk, key === 's' ? { do: 'skip' } : key === 'p' ? { do: 'back' } : { do: 'answer', answer: key }),
    startWalk(conflicts),
  );
}

t.test('where a walk stands, and what was answered', async (t) => {
  const open = [[null, null], [], [null]];
  const end = undefined;
  const rows: [string, (string | null)[][], string, [number, number | null] | undefined, (string | null)[][]][] = [
    ['it begins at the first hunk', open, '', [0, 0], [[null, null], [null], [null]]],
    ['an answer leads to the next hunk', open, 'o', [0, 1], [['o', null], [null], [null]]],
    ['and on to the next conflict', open, 'ot', [1, null], [['o', 't'], [null], [null]]],
    ['a conflict without hunks is one question', open, 'otb', [2, 0], [['o', 't'], ['b'], [null]]],
    ['all answered is the end', open, 'otbu', end, [['o', 't'], ['b'], ['u']]],
    ['skipping leaves a hunk open', open, 'st', [1, null], [[null, 't'], [null], [null]]],
    ['skipping all is the end, too', open, 'ssss', end, [[null, null], [null], [null]]],
    ['back to the one before, also of another conflict', open, 'otp', [0, 1], [['o', 't'], [null], [null]]],
    ['there is nothing before the first', open, 'ppp', [0, 0], [[null, null], [null], [null]]],
    [
      'an answer can be changed, and the walk goes on where it was',
      open,
      'otppt',
      [1, null],
      [['t', 't'], [null], [null]],
    ],
    ['or be left by skipping it again', open, 'otpps', [1, null], [['o', 't'], [null], [null]]],
    ['back from the last question', open, 'otbp', [1, null], [['o', 't'], ['b'], [null]]],
    ['what was answered before is passed over', [['o', null], ['t']], '', [0, 1], [['o', null], ['t']]],
    ['and can be gone back to', [['o', null], ['t']], 'p', [0, 0], [['o', null], ['t']]],
    ['nothing open, nothing asked', [['o']], '', end, [['o']]],
  ];
  for (const [what, conflicts, keys, at, answers] of rows) {
    const walk = play(conflicts, keys);
    const question = currentQuestion(walk);
    t.strictSame(question && [question.conflict, question.hunk], at, what);
    t.strictSame(
      conflicts.map((_, i) => answersTo(walk, i)),
      answers,
      `${what}: the answers`,
    );
  }
});
