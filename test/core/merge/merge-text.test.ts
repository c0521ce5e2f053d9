import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import type { ConflictStyle } from '../../../lib/core/merge/conflict-markers.js';
import { type MergeTextOptions, mergeText } from '../../../lib/core/merge/merge-text.js';
import { repoRoot, sharedPath } from '../../paths.js';

const STYLES = ['merge', 'diff3', 'zdiff3'] as const;
const AS_MERGE_FILE: MergeTextOptions = { algorithm: 'myers', level: 'zealous-alnum' };

const merge = (base: string, ours: string, theirs: string, options: MergeTextOptions = {}) => {
  const merged = mergeText(Buffer.from(base), Buffer.from(ours), Buffer.from(theirs), options);
  return { status: merged.status, conflicts: merged.conflicts, text: Buffer.from(merged.bytes).toString() };
};

t.test('what a user sees', async (t) => {
  const clean = (text: string) => ({ status: 'clean', conflicts: 0, text });
  const conflicted = (conflicts: number, text: string) => ({ status: 'conflicted', conflicts, text });
  const four = 'a\nb\nc\nd\n';
  const rows: [string, string, string, string, object, MergeTextOptions?][] = [
    ['edits apart from each other are both kept', four, 'A\nb\nc\nd\n', 'a\nb\nc\nD\n', clean('A\nb\nc\nD\n')],
    ['the same edit on both sides is made once', four, 'a\nB\nc\nd\n', 'a\nB\nc\nd\n', clean('a\nB\nc\nd\n')],
    ['only theirs changed', four, four, 'a\n', clean('a\n')],
    ['only ours changed', four, 'a\n', four, clean('a\n')],
    [
      'a line edited by both gets markers',
      'a\nb\n',
      'a\no\n',
      'a\nt\n',
      conflicted(1, 'a\n<<<<<<< ours\no\n=======\nt\n>>>>>>> theirs\n'),
    ],
    [
      'edits of neighbouring lines conflict',
      'a\nb\n',
      'A\nb\n',
      'a\nB\n',
      conflicted(1, '<<<<<<< ours\nA\nb\n=======\na\nB\n>>>>>>> theirs\n'),
    ],
    [
      'diff3 shows the base',
      'a\nb\n',
      'a\no\n',
      'a\nt\n',
      conflicted(1, 'a\n<<<<<<< O\no\n||||||| B\nb\n=======\nt\n>>>>>>> T\n'),
      { style: 'diff3', labels: { ours: 'O', base: 'B', theirs: 'T' } },
    ],
    [
      'zdiff3 takes common lines out',
      'b\n',
      'x\no\n',
      'x\nt\n',
      conflicted(1, 'x\n<<<<<<< ours\no\n||||||| base\nb\n=======\nt\n>>>>>>> theirs\n'),
      { style: 'zdiff3' },
    ],
    [
      'an empty label leaves no space',
      'b',
      'o',
      't',
      conflicted(1, '<<<<<<<\no\n=======\nt\n>>>>>>> T\n'),
      { labels: { ours: '', theirs: 'T' } },
    ],
    [
      'markers can be longer',
      'b',
      'o',
      't',
      conflicted(1, '<<<<<<<<< ours\no\n=========\nt\n>>>>>>>>> theirs\n'),
      { markerSize: 9 },
    ],
    [
      'CRLF files get CRLF markers',
      'b\r\n',
      'o\r\n',
      't\r\n',
      conflicted(1, '<<<<<<< ours\r\no\r\n=======\r\nt\r\n>>>>>>> theirs\r\n'),
    ],
    ['both added: base is empty', '', 'o\n', 't\n', conflicted(1, '<<<<<<< ours\no\n=======\nt\n>>>>>>> theirs\n')],
    ['a last line without newline stays so', 'a\nb\nc', 'A\nb\nc', 'a\nb\nc', clean('A\nb\nc')],
    ['a NUL byte makes a file binary: ours is kept', 'b', 'o\0', 't', { status: 'binary', conflicts: 1, text: 'o\0' }],
    ['a binary file that one side left alone merges', 'b\0', 'o\0', 'b\0', clean('o\0')],
    [
      'a NUL after 8000 bytes does not count',
      `a\nb\n${'c'.repeat(8000)}\0`,
      `A\nb\n${'c'.repeat(8000)}\0`,
      `a\nb\n${'c'.repeat(8000)}\0\n`,
      clean(`A\nb\n${'c'.repeat(8000)}\0\n`),
    ],
  ];
  for (const [what, base, ours, theirs, expected, options] of rows)
    t.same(merge(base, ours, theirs, options), expected, what);
});

interface TextCase {
  id: string;
  base: string;
  ours: string;
  theirs: string;
  mergeFile: Record<ConflictStyle, { conflicts: number; text: string }>;
  merge: Record<ConflictStyle, { conflicted: boolean; text: string }> & { labels: [string, string, string] };
}

t.test('the recorded answers of git, in fixtures/merge/text-cases.json', async (t) => {
  const cases = JSON.parse(readFileSync(join(repoRoot, 'fixtures', 'merge', 'text-cases.json'), 'utf8')) as TextCase[];
  for (const { id, base, ours, theirs, ...git } of cases) {
    const answers = STYLES.map((style) => {
      const [our, of, their] = git.merge.labels;
      const merged = merge(base, ours, theirs, { style, labels: { ours: our, base: of, theirs: their } });
      const labels = { ours: 'HEAD', base: 'base', theirs: 'origin/main' };
      const file = merge(base, ours, theirs, { style, labels, ...AS_MERGE_FILE });
      return [
        { conflicted: merged.conflicts > 0, text: merged.text },
        { conflicts: file.conflicts, text: file.text },
      ];
    });
    t.same(
      answers,
      STYLES.map((style) => [git.merge[style], git.mergeFile[style]]),
      id,
    );
  }
});

const corpora = sharedPath('merge-cases');
t.test(
  'both corpora of ../shared/merge-cases',
  { skip: corpora ? false : 'no ../shared/merge-cases here' },
  async (t) => {
    for (const corpus of ['real', 'synth']) {
      const lines = gunzipSync(readFileSync(join(corpora!, `${corpus}.jsonl.gz`)))
        .toString()
        .trim()
        .split('\n');
      const wrong: string[] = [];
      for (const line of lines) {
        const row = JSON.parse(line);
        const [base, ours, theirs] = [row.base, row.ours, row.theirs].map((text: string) =>
          Buffer.from(text, 'base64'),
        );
        for (const style of STYLES) {
          const [our, of, their] = row.ortLabels;
          const merged = mergeText(base!, ours!, theirs!, { style, labels: { ours: our, base: of, theirs: their } });
          const conflicted = row.ortVerdictByStyle?.[style] ?? row.ortConflict;
          if (merged.conflicts > 0 !== conflicted || Buffer.from(merged.bytes).toString('base64') !== row.ort[style]) {
            wrong.push(`${row.id} ${style} (git merge)`);
          }
          const labels = { ours: 'HEAD', base: 'base', theirs: 'origin/main' };
          const file = mergeText(base!, ours!, theirs!, { style, labels, ...AS_MERGE_FILE });
          const same = Buffer.from(file.bytes).toString('base64') === row.clean[style];
          if (!same || Math.min(file.conflicts, 127) !== row.conflicts[style])
            wrong.push(`${row.id} ${style} (merge-file)`);
        }
      }
      t.same(wrong, [], `${lines.length} triples of ${corpus}, three styles, git merge and git merge-file`);
    }
  },
);
