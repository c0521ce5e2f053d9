import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { detectRenames } from '../../../lib/core/diff/detect-renames.js';
import { diffFile, splitTypeChange } from '../../../lib/core/diff/diff-file.js';
import { diffTrees } from '../../../lib/core/diff/diff-trees.js';
import { cutLines } from '../../../lib/core/diff/lines.js';
import { formatNameStatus, formatStat } from '../../../lib/core/diff/stat.js';
import { formatUnified } from '../../../lib/core/diff/unified.js';
import { readBlob } from '../../../lib/core/object/read.js';
import { type Files, MemoryObjects } from '../memory-objects.js';
import { triples } from '../merge/random-texts.js';

const DIGITS = 12;
const abbrev = (oid: string) => oid.slice(0, DIGITS);

const text = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');

const cases: { what: string; before: Files; after: Files }[] = [
  { what: 'an edit', before: { f: text(1, 9) }, after: { f: `${text(1, 4)}new\n${text(6, 9)}` } },
  { what: 'a new file', before: {}, after: { 'd/f': text(1, 2), empty: '' } },
  { what: 'a deleted file', before: { 'd/f': text(1, 2), empty: '' }, after: {} },
  { what: 'edits six lines apart: one hunk', before: { f: text(1, 8) }, after: { f: `A\n${text(2, 7)}B\n` } },
  { what: 'edits seven lines apart: two hunks', before: { f: text(1, 9) }, after: { f: `A\n${text(2, 8)}B\n` } },
  { what: 'insertions at start and end', before: { f: text(1, 20) }, after: { f: `A\n${text(1, 20)}B\n` } },
  { what: 'a file emptied, one filled', before: { f: text(1, 3), g: '' }, after: { f: '', g: 'x\n' } },
  { what: 'a last newline lost', before: { f: 'a\nb\n' }, after: { f: 'a\nb' } },
  { what: 'a last newline gained', before: { f: 'a\nb' }, after: { f: 'a\nb\n' } },
  { what: 'no last newline on either side', before: { f: 'a\nb' }, after: { f: 'A\nb' } },
  { what: 'CRLF lines', before: { f: 'a\r\nb\r\n' }, after: { f: 'a\r\nB\r\n' } },
  {
    what: 'bytes that are no UTF-8',
    before: { f: Buffer.from([0xff, 10, 0x80]) },
    after: { f: Buffer.from([0xfe, 10, 0x80]) },
  },
  { what: 'a mode alone', before: { f: 'a\n' }, after: { f: ['100755', 'a\n'] } },
  { what: 'a mode and contents', before: { f: 'a\n' }, after: { f: ['100755', 'b\n'] } },
  { what: 'binary files', before: { a: 'x\0', b: 'x\0' }, after: { b: 'y\0yy', c: '\0' } },
  { what: 'binary files among text', before: { a: '1\0', b: '' }, after: { a: '22\0', b: text(1, 2000) } },
  { what: 'a file that became a link', before: { f: 'a\n' }, after: { f: ['120000', 'g'] } },
  { what: 'a submodule', before: { s: ['160000', '1'.repeat(40)] }, after: { s: ['160000', '2'.repeat(40)] } },
  { what: 'a file that became a folder', before: { f: 'a\n' }, after: { 'f/g': 'a\n' } },
  {
    what: 'renames, with and without edits',
    before: {
      a: text(1, 9),
      'd/b': text(11, 19),
      'd/e/c': text(21, 29),
      'd/x/y/z': text(31, 39),
      'x/y': '1\n',
      'p/q/r': '2\n',
    },
    after: {
      'd/a': text(1, 9),
      b: text(11, 20),
      'd/f/c': text(21, 28),
      'd/y/z': text(31, 38),
      y: '1\n',
      'p/q/q/r': '2\n',
    },
  },
  {
    what: 'renames with a new mode, of links, of binary and of empty files',
    before: { a: 'a\n', l: ['120000', 'a'], n: 'a\0', o: `a\0${text(1, 9)}`, z: '' },
    after: { b: ['100755', 'a\n'], m: ['120000', 'a'], p: 'a\0', q: `b\0${text(1, 9)}`, y: '' },
  },
  {
    what: 'renames between names with blanks, quotes and letters beyond ASCII',
    before: { 'd/with blank': text(1, 9), 'd/"': text(11, 19), 'd/x': text(21, 29), 'é/x': text(31, 39) },
    after: { 'd/with blanks': text(1, 8), 'd/""': text(11, 18), 'd/é': text(21, 28), 'ë/x': text(31, 38) },
  },
  {
    what: 'renames of long names',
    before: {
      [`plans/${'deep/'.repeat(9)}a-rather-long-name-for-a-plan.md`]: text(1, 50),
      [`plans/${'x'.repeat(90)}`]: text(61, 99),
    },
    after: {
      [`plans/${'deep/'.repeat(7)}a-rather-long-name-for-a-plan.md`]: text(2, 50),
      [`stories/${'x'.repeat(90)}`]: text(61, 99),
    },
  },
  {
    what: 'names with blanks, quotes and letters beyond ASCII',
    before: { 'a b/ç "x".md': 'a\n', 'with blank.md': 'a\n', '~': 'a\n' },
    after: { 'a b/ç "x".md': 'b\n', 'with blank.md': 'b\n', 'ü b': '' },
  },
  {
    what: 'long names and much change',
    before: { [`plans/${'deep/'.repeat(9)}a-rather-long-name-for-a-plan.md`]: text(1, 5), short: text(1, 300) },
    after: {
      [`plans/${'deep/'.repeat(9)}a-rather-long-name-for-a-plan.md`]: text(2, 90),
      [`no-folder-in-a-name-${'x'.repeat(60)}`]: 'x\n',
      short: text(3, 301),
    },
  },
  {
    what: 'a thousand lines against one',
    before: { a: text(1, 1000), b: '' },
    after: { a: '', b: 'x\n', c: text(1, 77) },
  },
];

/** What is compared, next to what git says about it. */
function compare(objects: MemoryObjects, git: ReturnType<MemoryObjects['repository']>, before: string, after: string) {
  const ask = (...args: string[]) => {
    const options = ['--no-color', `--abbrev=${DIGITS}`, '--submodule=short'];
    return git(['diff', ...options, ...args, before, after]).stdout;
  };
  const read = ({ oid }: { oid: string }) => readBlob(objects, oid);
  const changes = detectRenames(diffTrees(objects, before, after), read, 50);
  const patches = changes.flatMap(splitTypeChange).map((change) => formatUnified(diffFile(change, read), { abbrev }));
  return {
    patch: Buffer.concat(patches),
    // Git names the function around a hunk behind the second '@@'.
    gitPatch: Buffer.from(
      ask()
        .toString('latin1')
        .replace(/^(@@ [^@]* @@).*$/gm, '$1'),
      'latin1',
    ),
    stat: formatStat(changes.map((change) => diffFile(change, read))),
    gitStat: ask('--stat').toString(),
    nameStatus: formatNameStatus(changes),
    gitNameStatus: ask('--name-status').toString(),
  };
}

t.test('patches, --stat and --name-status are as `git diff` writes them', async (t) => {
  const objects = new MemoryObjects();
  const trees = cases.map(({ before, after }) => [objects.tree(before), objects.tree(after)] as const);
  const git = objects.repository(t.testdir());
  for (const [i, { what }] of cases.entries()) {
    const found = compare(objects, git, ...trees[i]!);
    t.equal(found.patch.toString('latin1'), found.gitPatch.toString('latin1'), `${what}: patch`);
    t.equal(found.nameStatus, found.gitNameStatus, `${what}: --name-status`);
    t.equal(found.stat, found.gitStat, `${what}: --stat`);
  }
});

/** Runs `git apply` on files that are in no repository. */
function gitApply(folder: string, patch: Buffer) {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
  const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
    cwd: folder,
    env,
    input: patch,
  });
  return { status, stderr: stderr.toString() };
}

t.test('random files', async (t) => {
  const texts = fc.sample(triples, { numRuns: 300, seed: 6 });
  const objects = new MemoryObjects();
  const before = objects.tree(Object.fromEntries(texts.map(({ base }, i) => [`${i}`, base])));
  const after = objects.tree(Object.fromEntries(texts.map(({ ours }, i) => [`${i}`, ours])));
  const found = compare(objects, objects.repository(t.testdir()), before, after);
  t.ok(found.patch.length > 100_000, 'there is something to compare');
  t.ok(found.patch.equals(found.gitPatch), 'patches are as `git diff` writes them');
  t.equal(found.stat, found.gitStat);

  const folder = t.testdir();
  for (const [i, { base }] of texts.entries()) writeFileSync(join(folder, `${i}`), base);
  t.same(gitApply(folder, found.patch), { status: 0, stderr: '' });
  const wrong = texts.filter(({ ours }, i) => !readFileSync(join(folder, `${i}`)).equals(ours));
  t.equal(wrong.length, 0, '`git apply` takes them and makes the new files of the old');
});

t.test('`git apply` makes and removes files', async (t) => {
  const before: Files = { gone: 'x\n', 'd/kept': 'a\nb', 'with blank': 'a\n' };
  const after: Files = { 'd/kept': 'a\nB', 'with blank': 'b\n', 'new/ü': 'n\n' };
  const objects = new MemoryObjects();
  const trees = [objects.tree(before), objects.tree(after)] as const;
  const folder = t.testdir();
  for (const [path, contents] of Object.entries(before)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents as string);
  }
  const read = ({ oid }: { oid: string }) => readBlob(objects, oid);
  const patch = diffTrees(objects, ...trees).map((change) => formatUnified(diffFile(change, read), { abbrev }));
  t.same(gitApply(folder, Buffer.concat(patch)), { status: 0, stderr: '' });
  for (const [path, contents] of Object.entries(after)) t.equal(readFileSync(join(folder, path), 'utf8'), contents);
  t.throws(() => readFileSync(join(folder, 'gone')), { code: 'ENOENT' });
});

t.test('hunks as data', async (t) => {
  const change = { path: 'f', before: { mode: '100644', oid: '1' }, after: { mode: '100644', oid: '2' } } as const;
  const diff = diffFile(change, ({ oid }) => Buffer.from(oid === '1' ? 'a\nb\nc\n' : 'a\nB\nc\n'), 1);
  t.match(diff, { binary: false, added: 1, deleted: 1, oldSize: 6, newSize: 6 });
  t.same(
    diff.hunks.map(({ lines, ...range }) => ({
      ...range,
      lines: lines.map(({ sign, bytes }) => sign + Buffer.from(bytes)),
    })),
    [{ oldStart: 1, oldLines: 3, newStart: 1, newLines: 3, lines: [' a\n', '-b\n', '+B\n', ' c\n'] }],
  );
});

t.test('every byte makes a line of its own', async (t) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 10);
  const lines = Uint8Array.from([...bytes].flatMap((byte) => [byte, 10]));
  t.equal(cutLines([lines]).distinct, 255);
});

t.test('nothing changed', async (t) => {
  t.equal(formatStat([]), '');
  t.equal(formatNameStatus([]), '');
});
