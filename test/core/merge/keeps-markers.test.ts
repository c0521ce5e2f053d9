import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { keepsMarkers } from '../../../lib/core/merge/keeps-markers.js';
import { mergeText } from '../../../lib/core/merge/merge-text.js';
import { settleHunks } from '../../../lib/core/merge/settle-hunks.js';
import type { HunkAnswer } from '../../../lib/core/ports.js';
import { repoRoot, sharedPath } from '../../paths.js';

const LABELS = { ours: 'HEAD', base: '0123456', theirs: 'origin/main' };
const STYLES = ['merge', 'diff3', 'zdiff3'] as const;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What git writes, with our labels. */
const example = (ours: string, theirs: string) => `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> origin/main\n`;

interface Versions {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

function merge(versions: Versions, style: (typeof STYLES)[number] = 'merge') {
  const [base, ours, theirs] = [versions.base, versions.ours, versions.theirs].map(bytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return { ...mergeText(base, ours, theirs, { labels: LABELS, style }), versions: { base, ours, theirs } };
}

const plain: Versions = { base: 'a\nb\nc\n', ours: 'a\nours\nc\n', theirs: 'a\ntheirs\nc\n' };
/** A text about git that shows a conflict as git would write this one, in all versions, and is in conflict elsewhere. */
const about = (state: string, shown = example('one\n', 'two\n')) => `# About git\n\n${shown}\nIt says ${state}.\n`;
const aboutGit: Versions = { base: about('so'), ours: about('ours'), theirs: about('theirs') };
const inside: Versions = {
  base: about('so', example('one\n', 'two\n')),
  ours: about('so', example('ours\n', 'two\n')),
  theirs: about('so', example('theirs\n', 'two\n')),
};
const whole: Versions = {
  base: 'a\n\nz\n',
  ours: `a\n${example('one\n', 'two\n')}z\n`,
  theirs: `a\n${example('one\n', '2\n')}z\n`,
};

/** With a line more at the end of all versions. */
const withLine = ({ base, ours, theirs }: Versions, line: string): Versions => ({
  base: base + line,
  ours: ours + line,
  theirs: theirs + line,
});

t.test('what is left of a conflict', async (t) => {
  const rows: [sentence: string, versions: Versions, answer: string, keeps: boolean][] = [
    ['one side is an answer', plain, plain.ours, false],
    ['the text as the merge left it is none', plain, `a\n${example('ours\n', 'theirs\n')}c\n`, true],
    ['nor is it with other lines between the markers', plain, `a\n${example('1\n', '2\n3\n')}c\n`, true],
    ['nor with other line ends', plain, `a\n${example('ours\n', 'theirs\n')}c\n`.replaceAll('\n', '\r\n'), true],
    [
      'nor when its last newline is gone',
      { base: 'b\n', ours: 'o\n', theirs: 't\n' },
      example('o\n', 't\n').trimEnd(),
      true,
    ],
    ['a closing line that was forgotten is what is left of one', plain, 'a\nboth\n>>>>>>> origin/main\nc\n', true],
    ['so is an opening line', plain, 'a\n<<<<<<< HEAD\nboth\nc\n', true],
    ['a separator alone underlines a heading', plain, 'a\nboth\n=======\nc\n', false],
    ['a closing line that a side has is text', aboutGit, about('both', '>>>>>>> origin/main\n'), false],
    [
      'a conflict that somebody else wrote is text',
      plain,
      `a\n${example('x\n', 'y\n').replace('HEAD', 'mine').replace('origin/main', 'other')}c\n`,
      false,
    ],
    ['SEARCH and REPLACE blocks are text', plain, 'a\n<<<SEARCH\nours\n===\ntheirs\n>>>REPLACE\nc\n', false],
    ['an example that both sides have is text', aboutGit, about('both'), false],
    [
      'an example that was improved on the way is text',
      aboutGit,
      about('both', example('one, two\n', 'three\n')),
      false,
    ],
    ['an example may be written twice', aboutGit, about(`both:\n${example('one\n', 'two\n')}`), false],
    [
      'an example that no side had, with these very labels, is taken for a conflict',
      aboutGit,
      about(`both:\n${example('x\n', 'y\n')}`),
      true,
    ],
    [
      'a conflict beside an example is one',
      aboutGit,
      `# About git\n\n${example('one\n', 'two\n')}\n${example('It says ours.\n', 'It says theirs.\n')}`,
      true,
    ],
    [
      'a conflict is one even if the example is gone',
      aboutGit,
      `# About git\n\n${example('It says ours.\n', 'It says theirs.\n')}`,
      true,
    ],
    ['an example in which the conflict was is text', inside, about('so', example('both\n', 'two\n')), false],
    [
      'an example with the conflict still in it is not',
      inside,
      about('so', `<<<<<<< HEAD\n${example('ours\n', 'theirs\n')}=======\ntwo\n>>>>>>> origin/main\n`),
      true,
    ],
    ["ours' example is text", whole, whole.ours, false],
    ["theirs' example is text", whole, whole.theirs, false],
    ['a third example is text', whole, `a\n${example('one\n', 'II\n')}z\n`, false],
    ['both examples are text', whole, `a\n${example('one\n', 'two\n')}${example('one\n', '2\n')}z\n`, false],
  ];
  for (const [sentence, versions, answer, keeps] of rows) {
    const { bytes: merged, hunks, versions: sides } = merge(versions);
    t.ok(hunks.length > 0, `${sentence}: there is a conflict`);
    t.equal(keepsMarkers(bytes(answer), merged, hunks, sides), keeps, sentence);
  }
});

t.test('the line that opens base, in the styles that show it', async (t) => {
  const rows: [sentence: string, versions: Versions, answer: string, keeps: boolean][] = [
    ['forgotten, it is what is left of a conflict', plain, 'a\nours\n||||||| 0123456\nc\n', true],
    ['that a side has, it is text', withLine(plain, '||||||| 0123456\n'), 'a\nours\nc\n||||||| 0123456\n', false],
    ['without its label it is a row of a table', plain, 'a\n|||||||\nc\n', false],
    ['gone with the others, nothing is left', plain, 'a\nb\nc\n', false],
  ];
  for (const style of ['diff3', 'zdiff3'] as const) {
    for (const [sentence, versions, answer, keeps] of rows) {
      const { bytes: merged, hunks, versions: sides } = merge(versions, style);
      t.equal(keepsMarkers(bytes(answer), merged, hunks, sides), keeps, `${style}: ${sentence}`);
    }
  }
});

t.test('hunks that are settled leave nothing, and one that is not is found', async (t) => {
  const line = fc.constantFrom('a\n', 'b\n', 'c\n', 'd\n', '===\n', '=======\n', '<<<<<<< mine\n', '>>>>>>> other\n');
  const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join(''));
  const answer = fc.constantFrom<HunkAnswer | null>('ours', 'theirs', 'union', null);
  const property = fc.property(
    fc.record({ base: text, ours: text, theirs: text }),
    fc.constantFrom(...STYLES),
    fc.array(answer, { minLength: 12, maxLength: 12 }),
    (versions, style, answers) => {
      const { bytes: merged, hunks, versions: sides } = merge(versions, style);
      const settled = settleHunks(merged, sides, hunks, answers.slice(0, hunks.length));
      return keepsMarkers(settled.bytes, merged, hunks, sides) === settled.hunks.length > 0;
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000, seed: 7 }));
});

t.test('real documents, most of which show SEARCH blocks and rules of their own', async (t) => {
  const folder = sharedPath('corpus', 'agentic-dev') ?? join(repoRoot, 'fixtures/artifacts');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const wrong: string[] = [];
  for (const path of paths) {
    const base = readFileSync(join(folder, path), 'utf8');
    const middle = base.indexOf('\n', base.length / 2) + 1;
    const change = (line: string) => `${line}\n${base.slice(0, middle)}${line}\n${base.slice(middle)}`;
    const { bytes: merged, hunks, versions } = merge({ base, ours: change('Ours.'), theirs: change('Theirs.') });
    const settle = (...answers: (HunkAnswer | null)[]) => settleHunks(merged, versions, hunks, answers).bytes;
    const keeps = (text: Uint8Array) => keepsMarkers(text, merged, hunks, versions);
    const settled = [versions.ours, versions.theirs, settle('union', 'ours')];
    if (settled.some(keeps) || ![merged, settle('ours', null)].every(keeps)) wrong.push(path);
  }
  t.ok(paths.length > 0);
  t.strictSame(wrong, []);
});
