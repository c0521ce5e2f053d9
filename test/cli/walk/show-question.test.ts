import t from 'tap';
import { formatQuestion, type ShownConflict } from '../../../lib/cli/walk/show-question.js';
import { mergeText } from '../../../lib/core/merge/merge-text.js';
import type { FileVersion } from '../../../lib/core/ports.js';

const PATH = 'stories/SHOP/SHOP-001-cart.md';
const VERSION: FileVersion = { mode: '100644', oid: '0'.repeat(40) };

function shown(base: string, ours: string, theirs: string, changes: Partial<ShownConflict> = {}): ShownConflict {
  const versions = { base: Buffer.from(base), ours: Buffer.from(ours), theirs: Buffer.from(theirs) };
  const labels = { ours: 'HEAD', base: 'abc1234', theirs: 'origin/main' };
  const merged = mergeText(versions.base, versions.ours, versions.theirs, { labels });
  const conflict = {
    path: PATH,
    kind: 'content',
    base: VERSION,
    ours: VERSION,
    theirs: VERSION,
    message: `CONFLICT (content): Merge conflict in ${PATH}`,
    hunks: merged.hunks,
    answers: [],
    partial: null,
    resolution: undefined,
  } as const;
  return {
    conflict,
    name: 'story/SHOP-001',
    title: 'Cart',
    versions,
    marked: merged.bytes,
    isMerged: false,
    remembered: undefined,
    ...changes,
  };
}

const plainly = (_: unknown, text: string) => text;
const head = (position: string, place: string) => `story/SHOP-001 Cart: ${position}\n${PATH}${place}\n\n`;
const around = 'v\nw\nx\ny\nz\n';

t.test('what a person is shown of a conflict', async (t) => {
  const two = shown(`a\nb\n${around}c\n`, `a\no1\n${around}o2\n`, `a\nt1\n${around}t2\n`);
  const bytes = (text: string) => Buffer.from(text);
  const before = (...hunks: (string | undefined)[]) => ({
    bytes: bytes(''),
    hunks: hunks.map((text) => (text === undefined ? undefined : bytes(text))),
  });
  const rows: [string, ShownConflict, number | null, string][] = [
    [
      'both sides, base, and up to three lines around them',
      two,
      0,
      `${head('hunk 1 of 2, conflict 2 of 3', ':2 (content)')}a\n<<<<<<< ours (HEAD)\no1\n||||||| base\nb\n=======\nt1\n>>>>>>> theirs (origin/main)\nv\nw\nx\n\n`,
    ],
    [
      'the last hunk, whose surroundings end with the file',
      two,
      1,
      `${head('hunk 2 of 2, conflict 2 of 3', ':12 (content)')}x\ny\nz\n<<<<<<< ours (HEAD)\no2\n||||||| base\nc\n=======\nt2\n>>>>>>> theirs (origin/main)\n\n`,
    ],
    [
      'an empty line, and no line',
      shown('a\nb\nc\n', 'a\nc\n', 'a\n\nc\n'),
      0,
      `${head('hunk 1 of 1, conflict 2 of 3', ':2 (content)')}a\n<<<<<<< ours (HEAD)\n||||||| base\nb\n=======\n\n>>>>>>> theirs (origin/main)\nc\n\n`,
    ],
    [
      'how a hunk was resolved before',
      { ...two, remembered: before('one\n', undefined) },
      0,
      `${head('hunk 1 of 2, conflict 2 of 3', ':2 (content)')}a\n<<<<<<< ours (HEAD)\no1\n||||||| base\nb\n=======\nt1\n>>>>>>> theirs (origin/main)\nv\nw\nx\n\nIt was resolved before as\none\n\n`,
    ],
    [
      'that it was, but not by itself',
      { ...two, remembered: before('one\n', undefined) },
      1,
      `${head('hunk 2 of 2, conflict 2 of 3', ':12 (content)')}x\ny\nz\n<<<<<<< ours (HEAD)\no2\n||||||| base\nc\n=======\nt2\n>>>>>>> theirs (origin/main)\n\nIt was resolved before, with lines around it: 'agent sync resolve story/SHOP-001 --rerere'.\n\n`,
    ],
  ];
  for (const [what, conflict, hunk, expected] of rows)
    t.equal(formatQuestion(conflict, { conflict: 1, hunk }, 3, plainly), expected, what);

  const removed = {
    ...two.conflict,
    kind: 'modify/delete',
    message: 'CONFLICT (modify/delete): …',
    hunks: [],
  } as const;
  const whole = { ...two, conflict: { ...removed, theirs: null }, versions: { ...two.versions, ours: bytes('a\0b') } };
  t.equal(
    formatQuestion(whole, { conflict: 0, hunk: null }, 1, plainly),
    `${head('conflict 1 of 1', ' (modify/delete)')}CONFLICT (modify/delete): …\n  ours: 3 bytes\n  base: 8 lines\n  theirs: no file\n\n`,
    'a conflict without hunks: what git says, and how much there is',
  );
  t.match(
    formatQuestion({ ...whole, isMerged: true, marked: bytes('a\nb\n') }, { conflict: 0, hunk: null }, 1, plainly),
    '  theirs: no file\n  merged: 2 lines, as on disk\n',
    'and the merged text, where the lines themselves merged',
  );
});

t.test('what stands in artifacts cannot steer the terminal, and colours are ours', async (t) => {
  const evil = shown('a\n', 'o\x1b]0;owned\x07\n', 't\r\x1b[2J\n', { title: '\x1b[31mRed' });
  const text = formatQuestion(evil, { conflict: 0, hunk: 0 }, 1, plainly);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  t.notMatch(text, /[\x00-\x08\x0b-\x1f]/);
  t.match(text, 'o\ufffd]0;owned\ufffd');
  const coloured = formatQuestion(evil, { conflict: 0, hunk: 0 }, 1, (style, text) => `[${style}]${text}`);
  t.match(coloured, '[green]<<<<<<< ours (HEAD)\n[green]o\ufffd');
  t.match(coloured, '[cyan]t\ufffd');
});
