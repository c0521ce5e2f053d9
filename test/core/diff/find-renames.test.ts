import t from 'tap';
import { diffTrees } from '../../../lib/core/diff/diff-trees.js';
import { findRenames, type RenameOptions, type UnpairedFile } from '../../../lib/core/diff/find-renames.js';
import { parent } from '../../../lib/core/diff/rename-directory.js';
import { percentOf } from '../../../lib/core/diff/similarity.js';
import { encodeCommit } from '../../../lib/core/object/commit.js';
import { readBlob } from '../../../lib/core/object/read.js';
import type { FileMode } from '../../../lib/core/object/tree.js';
import { fuzz, random } from '../../fuzz.js';
import { type Files, MemoryObjects } from '../memory-objects.js';

/** As `git diff` looks for renames. */
const PLAIN = { limit: 1000, empty: true } as const;

/** The renames between two trees as `R087 from to`, by target. */
function renames(objects: MemoryObjects, before: string, after: string, options: RenameOptions = PLAIN): string[] {
  const changes = diffTrees(objects, before, after);
  const sources = changes.flatMap(({ path, before, after }): UnpairedFile[] =>
    before && !after ? [{ path, version: before }] : [],
  );
  const targets = changes.flatMap(({ path, before, after }): UnpairedFile[] =>
    after && !before ? [{ path, version: after }] : [],
  );
  return findRenames(sources, targets, ({ oid }) => readBlob(objects, oid), options)
    .map(({ from, to, score }) => `R${`${percentOf(score)}`.padStart(3, '0')} ${from} ${to}`)
    .sort((a, b) => (a.split(' ')[2]! < b.split(' ')[2]! ? -1 : 1));
}

/** Asks git for the renames of many pairs of trees at once. */
function gitRenames(git: ReturnType<MemoryObjects['repository']>, pairs: [string, string][], ...flags: string[]) {
  const input = pairs.map(([before, after]) => `${before} ${after}\n`).join('');
  const { stdout } = git(['diff-tree', '--stdin', '-r', '--raw', '-M', ...flags], input);
  const blocks = stdout.toString().split(/^[0-9a-f]{40} [0-9a-f]{40}\n/m);
  return blocks.slice(1).map((block) =>
    block
      .split('\n')
      .map((line) => line.split(' ').slice(4).join(' ').replaceAll('\t', ' '))
      .filter((line) => line.startsWith('R')),
  );
}

const text = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
const many = (count: number, folder: string, file: Files[string]): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${1000 + i}`, file]));

const cases: { what: string; before: Files; after: Files; renames: string[]; options?: Partial<RenameOptions> }[] = [
  { what: 'the same bytes', before: { a: 'x' }, after: { 'd/b': 'x' }, renames: ['R100 a d/b'] },
  {
    what: 'the same bytes, executable now',
    before: { a: 'x' },
    after: { b: ['100755', 'x'] },
    renames: ['R100 a b'],
  },
  { what: 'a link with the same bytes', before: { a: ['120000', 'x'] }, after: { b: 'x' }, renames: [] },
  {
    what: 'of several sources the one with the same name',
    before: { 'a/x': 'x', 'b/y': 'x' },
    after: { 'c/y': 'x' },
    renames: ['R100 b/y c/y'],
  },
  {
    what: 'otherwise the first',
    before: { 'a/x': 'x', 'b/y': 'x' },
    after: { 'c/z': 'x' },
    renames: ['R100 a/x c/z'],
  },
  {
    what: 'the same name is looked for among a hundred sources',
    before: { ...many(300, 'a', 'x') },
    after: { 'b/1099': 'x', 'b/1101': 'x', 'b/1102': 'x' },
    renames: ['R100 a/1099 b/1099', 'R100 a/1000 b/1101', 'R100 a/1001 b/1102'],
  },
  { what: 'empty files', before: { a: '' }, after: { b: '' }, renames: ['R100 a b'] },
  { what: 'empty files in a merge', before: { a: '' }, after: { b: '' }, renames: [], options: { empty: false } },
  { what: 'below 50 %', before: { a: 'a\nbb\n' }, after: { b: 'a\ncc\n' }, renames: [] },
  { what: 'exactly 50 %', before: { a: 'a\nb\n' }, after: { b: 'a\nc\n' }, renames: ['R050 a b'] },
  {
    what: 'a file name that both sides have once wins at 75 %',
    before: { 'a/x': `${text(1, 8)}1234567\n1234567\n`, y: text(1, 9) },
    after: { 'b/x': `${text(1, 8)}x\n` },
    renames: ['R077 a/x b/x'],
  },
  {
    what: 'the limit counts pairs that have neither bytes nor name in common',
    before: { ...many(2, 'a', text(1, 9)), x: 'x', 'c/y': text(11, 30) },
    after: { b: text(1, 8), z: 'x', 'd/y': text(12, 30) },
    renames: ['R095 c/y d/y', 'R100 x z'],
    options: { limit: 1 },
  },
  {
    what: 'two pairs, and the limit allows four',
    before: many(2, 'a', text(1, 9)),
    after: { b: text(1, 8) },
    renames: ['R088 a/1000 b'],
    options: { limit: 2 },
  },
  {
    what: 'a source that does not matter is paired only with the same bytes',
    before: { a: text(1, 9), b: text(11, 19), c: text(21, 29) },
    after: { d: text(1, 8), e: text(11, 19), f: text(21, 28) },
    renames: ['R100 b e', 'R088 c f'],
    options: { relevant: (sources) => sources.filter(({ path }) => path === 'c') },
  },
  {
    what: 'what matters may depend on what was found',
    before: { 'a/1': text(1, 9), 'b/2': text(11, 19) },
    after: { 'c/1': text(1, 8), 'c/3': text(11, 18) },
    renames: ['R088 a/1 c/1'],
    options: { relevant: (sources, _, before) => (before === 'name' ? sources : []) },
  },
];

t.test('renames between two trees', async (t) => {
  const objects = new MemoryObjects();
  const trees = cases.map(({ before, after }) => [objects.tree(before), objects.tree(after)] as [string, string]);
  const git = objects.repository(t.testdir());
  for (const [i, { what, renames: expected, options }] of cases.entries()) {
    t.same(renames(objects, ...trees[i]!, { ...PLAIN, ...options }), expected, what);
    if (options && !options.limit) continue;
    const [theirs] = gitRenames(git, [trees[i]!], `-l${options?.limit ?? PLAIN.limit}`);
    t.same(expected, theirs, `${what}, as git has it`);
  }
});

fuzz('random trees have the renames that `git diff -M` shows', 1, async (t, seed) => {
  const next = random(seed);
  const objects = new MemoryObjects();
  const pairs = Array.from({ length: 500 }, () => {
    const { before, after } = randomPair(next);
    return [objects.tree(before), objects.tree(after)] as [string, string];
  });
  const git = objects.repository(t.testdir());
  let found = 0;
  for (const [i, theirs] of gitRenames(git, pairs, '-l1000').entries()) {
    const ours = renames(objects, ...pairs[i]!);
    found += ours.length;
    if (ours.join() !== theirs.join()) t.same(ours, theirs, `${pairs[i]}`);
  }
  t.ok(found > 300, 'there is something to find');
  for (const percent of [1, 30, 70, 85, 100]) {
    const some = pairs.slice(0, 100);
    const minScore = percent * 600;
    const different = gitRenames(git, some, `-M${percent}%`).filter(
      (theirs, i) => renames(objects, ...some[i]!, { ...PLAIN, minScore }).join() !== theirs.join(),
    );
    t.same(different, [], `-M${percent}%`);
  }
});

/** Two trees: files that moved, were edited, merged with others, or came from nowhere. */
function randomPair(next: (limit: number) => number): { before: Files; after: Files } {
  const pick = <T>(items: readonly T[]): T => items[next(items.length)]!;
  const alphabet = pick([3, 20, 200]);
  const ends = pick([['\n'], ['\n'], ['\r\n'], ['\n', '\r\n', '\r', 'x'.repeat(70)]]);
  const line = () => `${pick(['', '- ', '  ', 'é', 'y'.repeat(next(90))])}${next(alphabet)}${pick(ends)}`;
  const some = (count: number) => Array.from({ length: count }, line);
  const name = () => `${pick(['', 'a/', 'b/', 'a/c/', 'd/'])}${pick(['f', 'g', 'h', 'i.md', 'f.md', 'j', 'k'])}`;
  const mode = (): FileMode => pick(['100644', '100644', '100644', '100644', '100755', '120000']);
  const file = (lines: string[]) => {
    const text = lines.join('');
    return pick([text, text, text, text.slice(0, -1), `${text}\0`, text.slice(0, 40)]);
  };
  const texts = Array.from({ length: 1 + next(5) }, () => some(pick([0, 1, 5, 12, 12, 12, 40, 300])));
  const edited = () => {
    const lines = [...pick(texts)];
    for (let i = pick([0, 0, 1, 2, 4]); i > 0; i--) {
      lines.splice(next(lines.length + 1), next(1 + lines.length / 3), ...some(next(1 + lines.length / 3)));
    }
    return lines;
  };
  const tree = (): Files => {
    const files: Files = {};
    for (let i = next(9); i >= 0; i--) files[name()] = [mode(), file(edited())];
    return Object.fromEntries(
      Object.entries(files).filter(([path]) => !Object.keys(files).some((other) => other.startsWith(`${path}/`))),
    );
  };
  return { before: tree(), after: tree() };
}

/**
 * Merges in which `old/x` and `other/x` might have become the new `x`: the other side edited both, and `other/x` is the
 * better one. `moved` are unchanged files, by their old path.
 */
const guesses: {
  what: string;
  moved: Record<string, string>;
  kept?: string;
  x: string;
  added?: string;
  from: string;
}[] = [
  { what: 'the directory moved', moved: { 'old/a': 'new/a' }, x: 'new/x', from: 'old/x' },
  { what: 'elsewhere', moved: { 'old/a': 'else/a' }, x: 'new/x', from: 'other/x' },
  { what: 'the directory is still there', moved: { 'old/a': 'new/a' }, kept: 'old/k', x: 'new/x', from: 'other/x' },
  {
    what: 'most of it elsewhere',
    moved: { 'old/a': 'else/a', 'old/b': 'new/b', 'old/c': 'else/c' },
    x: 'new/x',
    from: 'other/x',
  },
  {
    what: 'most of it moved there',
    moved: { 'old/a': 'new/a', 'old/b': 'else/b', 'old/c': 'new/c' },
    x: 'new/x',
    from: 'old/x',
  },
  { what: 'a folder in it moved', moved: { 'old/s/a': 'new/s/a' }, x: 'new/x', from: 'other/x' },
  { what: 'and something was added', moved: { 'old/s/a': 'new/s/a' }, x: 'new/x', added: 'old/n', from: 'old/x' },
  { what: 'or added below', moved: { 'old/s/a': 'new/s/a' }, x: 'new/x', added: 'old/s/n', from: 'other/x' },
  { what: 'a folder got another name', moved: { 'old/s/a': 'new/t/a' }, x: 'new/x', added: 'old/n', from: 'other/x' },
  { what: 'the root is no place', moved: { 'old/a': 'a' }, x: 'x', from: 'other/x' },
];

t.test('a merge looks for a name where the directory went', async (t) => {
  const objects = new MemoryObjects();
  const commit = (files: Files, ...parents: string[]) => {
    const someone = { actor: 'someone', time: 1, offset: 0 };
    return objects.write({
      type: 'commit',
      body: encodeCommit({ tree: objects.tree(files), parents, author: someone, committer: someone, message: 'm\n' }),
    });
  };
  const merges = guesses.map(({ moved, kept, x, added }) => {
    const stays = kept ? { [kept]: 'kept' } : {};
    const edited = { 'old/x': text(1, 8) + text(21, 23), 'other/x': text(1, 8) + text(24, 25) };
    const base: Files = { ...stays, ...edited };
    const ours: Files = { ...stays, [x]: text(1, 8) + text(24, 24) + text(21, 21) };
    for (const [from, to] of Object.entries(moved)) base[from] = ours[to] = from;
    const theirs: Files = { ...base, ...(added && { [added]: 'added' }) };
    for (const [path, file] of Object.entries(edited)) theirs[path] = `${file}edited\n`;
    const root = commit(base);
    return { base, ours, commits: [commit(ours, root), commit(theirs, root)] };
  });
  const git = objects.repository(t.testdir());
  for (const [i, { what, x, added, from }] of guesses.entries()) {
    const { base, ours, commits } = merges[i]!;
    const { stdout } = git(['merge-tree', '--write-tree', '--name-only', ...commits]);
    t.equal(stdout.includes('old/x') ? 'other/x' : 'old/x', from, `${what}, as git has it`);
    const directories = {
      isGone: (directory: string) => !Object.keys(ours).some((path) => path.startsWith(`${directory}/`)),
      isAddedTo: (directory: string) => added !== undefined && parent(added) === directory,
    };
    const found = renames(objects, objects.tree(base), objects.tree(ours), { ...PLAIN, empty: false, directories });
    t.match(
      found.find((rename) => rename.endsWith(` ${x}`)),
      ` ${from} `,
      what,
    );
  }
});
