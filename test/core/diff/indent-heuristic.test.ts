import t, { type Test } from 'tap';
import { diffFile } from '../../../lib/core/diff/diff-file.js';
import { diffTrees } from '../../../lib/core/diff/diff-trees.js';
import { formatUnified } from '../../../lib/core/diff/unified.js';
import { readBlob } from '../../../lib/core/object/read.js';
import { fuzz, random } from '../../fuzz.js';
import { MemoryObjects } from '../memory-objects.js';
import { randomEdit } from './random-edit.js';

/** The patches of many files, of one line of context: ours, and what git says. */
function patches(t: Test, edits: readonly (readonly [before: string, after: string])[]) {
  const objects = new MemoryObjects();
  const files = (side: 0 | 1) => Object.fromEntries(edits.map((edit, i) => [`${10_000 + i}`, edit[side]]));
  const [before, after] = [objects.tree(files(0)), objects.tree(files(1))];
  const ours = diffTrees(objects, before, after).map((change) => {
    const diff = diffFile(change, ({ oid }) => readBlob(objects, oid), 1);
    return Buffer.from(formatUnified(diff, { abbrev: (oid) => oid })).toString('latin1');
  });
  const { stdout } = objects.repository(t.testdir())(['diff', '--full-index', '-U1', before, after]);
  const theirs = stdout.toString('latin1').replace(/^(@@ [^@]* @@).*$/gm, '$1');
  return { ours, theirs: theirs.split(/^(?=diff --git)/m) };
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join('');
/** A hundred and fifty lines, one of them blank. */
const block = (blank: number) => `${numbered(0, blank)}\n${numbered(blank + 1, 150)}`;

const cases: { what: string; before: string; after: string; added: string }[] = [
  {
    what: 'a section is put in front of the next one, with the blank line behind it',
    before: '# A\n\n# B\n',
    after: '# A\n\n# C\n\n# B\n',
    added: '# C\n\n',
  },
  {
    what: 'so is a function',
    before: 'f {\n  a\n}\ng {\n  c\n}\n',
    after: 'f {\n  a\n}\nf {\n  b\n}\ng {\n  c\n}\n',
    added: 'f {\n  b\n}\n',
  },
  {
    what: 'equal items are added at their end',
    before: '- a\n- a\n- b\n',
    after: '- a\n- a\n- a\n- b\n',
    added: '- a\n',
  },
  {
    what: 'the start of a file is hardly worse than another place',
    before: '    x\n  y\n',
    after: '    x\n     1\n        2\n\n\n    x\n  y\n',
    added: '    x\n     1\n        2\n\n\n',
  },
  {
    what: 'but it is worse',
    before: '   x\n        y\nz\n',
    after: '   x\n\n\n1\n      2\n   x\n        y\nz\n',
    added: '\n\n1\n      2\n   x\n',
  },
  {
    what: 'an indented end of file is kept together with what is above',
    before: 'a\n\n b\n',
    after: 'a\n\n b\nc\n\n b\n',
    added: ' b\nc\n\n',
  },
  {
    what: 'an end of file without indentation is not',
    before: '\na\n',
    after: '\na\n b\na\n',
    added: ' b\na\n',
  },
  {
    what: 'an outdented line between indented ones ends what is added',
    before: '\n a\n\n  b\n',
    after: '\n a\n\nc\n a\n\n  b\n',
    added: ' a\n\nc\n',
  },
  {
    what: 'without blank lines it does, too',
    before: '  a\n b\n  c\n',
    after: '  a\n b\nd\n b\n  c\n',
    added: ' b\nd\n',
  },
  {
    what: 'a hundred lines up a blank line is found',
    before: `${block(49)}end\n`,
    after: `${block(49)}${block(49)}end\n`,
    added: `${numbered(50, 150)}${numbered(0, 49)}\n`,
  },
  {
    what: 'farther away it is not',
    before: `${block(48)}end\n`,
    after: `${block(48)}${block(48)}end\n`,
    added: block(48),
  },
];

t.test('where lines are added that could have been added elsewhere', async (t) => {
  const { ours, theirs } = patches(
    t,
    cases.map(({ before, after }) => [before, after]),
  );
  for (const [i, { what, added }] of cases.entries()) {
    t.equal(ours[i], theirs[i], `${what}, as git has it`);
    const lines = ours[i]!.split('\n').filter((line) => /^\+(?!\+\+)/.test(line));
    t.equal(lines.map((line) => `${line.slice(1)}\n`).join(''), added, what);
  }
});

fuzz('random texts differ as `git diff` shows it', 2, async (t, seed) => {
  const next = random(seed);
  const { ours, theirs } = patches(
    t,
    Array.from({ length: 1000 }, () => randomEdit(next)),
  );
  const different = ours.findIndex((patch, i) => patch !== theirs[i]);
  t.equal(ours[different], theirs[different]);
  t.equal(ours.length, theirs.length);
});
