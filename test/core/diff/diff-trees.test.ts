import fc from 'fast-check';
import t from 'tap';
import { diffTrees } from '../../../lib/core/diff/diff-trees.js';
import type { FileVersion } from '../../../lib/core/ports.js';
import { type Files, MemoryObjects } from '../memory-objects.js';

const letter = ({ before, after }: { before: FileVersion | null; after: FileVersion | null }) =>
  before === null ? 'A' : after === null ? 'D' : before.mode.slice(0, 3) === after.mode.slice(0, 3) ? 'M' : 'T';

const cases: { what: string; before: Files | null; after: Files | null; changes: string[] }[] = [
  { what: 'equal trees do not differ', before: { a: '1' }, after: { a: '1' }, changes: [] },
  {
    what: 'an edit below folders is one change',
    before: { 'p/q/a': '1' },
    after: { 'p/q/a': '2' },
    changes: ['M p/q/a'],
  },
  { what: 'no tree before: all is added', before: null, after: { 'p/a': '1', b: '2' }, changes: ['A b', 'A p/a'] },
  { what: 'no tree after: all is deleted', before: { 'p/a': '1', b: '2' }, after: null, changes: ['D b', 'D p/a'] },
  { what: 'no tree on either side', before: null, after: null, changes: [] },
  { what: 'a changed mode is a change', before: { a: '1' }, after: { a: ['100755', '1'] }, changes: ['M a'] },
  { what: 'a file becomes a link', before: { a: '1' }, after: { a: ['120000', '1'] }, changes: ['T a'] },
  {
    what: 'a file becomes a folder',
    before: { d: '1' },
    after: { 'd/x': '1', 'd.b': '' },
    changes: ['D d', 'A d.b', 'A d/x'],
  },
  {
    what: 'a folder becomes a file',
    before: { 'd/x': '1', 'd/y': '2' },
    after: { d: '1' },
    changes: ['A d', 'D d/x', 'D d/y'],
  },
];
for (const { what, before, after, changes } of cases) {
  t.test(what, async (t) => {
    const objects = new MemoryObjects();
    const [a, b] = [before, after].map((files) => files && objects.tree(files));
    t.same(
      diffTrees(objects, a!, b!).map((change) => `${letter(change)} ${change.path}`),
      changes,
    );
  });
}

t.test('a prefix stands before every path', async (t) => {
  const objects = new MemoryObjects();
  t.same(
    diffTrees(objects, null, objects.tree({ 'p/a': '1' }), 'stories/').map(({ path }) => path),
    ['stories/p/a'],
  );
});

t.test('only folders that differ are read', async (t) => {
  const objects = new MemoryObjects();
  const files: Files = {};
  for (let i = 0; i < 50; i++) for (let j = 0; j < 20; j++) files[`plans/P${i}/${j}.md`] = `${i} ${j}`;
  const before = objects.tree(files);
  const after = objects.tree({ ...files, 'plans/P7/3.md': 'edited' });
  objects.reads.length = 0;
  t.same(
    diffTrees(objects, before, after).map(({ path }) => path),
    ['plans/P7/3.md'],
  );
  t.equal(objects.reads.length, 6, 'root, plans and plans/P7, on both sides');
});

t.test('a tree that is deeper than paths may be is refused', async (t) => {
  const objects = new MemoryObjects();
  const deep = (depth: number) => objects.tree({ [`${'d/'.repeat(depth - 1)}f`]: '' });
  t.equal(diffTrees(objects, null, deep(16)).length, 1);
  t.throws(() => diffTrees(objects, null, deep(17)), { code: 'PATH_UNSAFE' });
});

t.test('random trees differ as `git diff-tree -r --no-renames` says', async (t) => {
  const name = fc.constantFrom('a', 'a.b', 'a-', 'b', 'é', '\uffee', '\u{1f600}', 'Z');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const file = fc.tuple(
    fc.constantFrom('100644' as const, '100755' as const, '120000' as const),
    fc.constantFrom('1', '2'),
  );
  const tree = fc.dictionary(path, file, { maxKeys: 12 }).map((files) => {
    const paths = Object.keys(files);
    return Object.fromEntries(Object.entries(files).filter(([p]) => !paths.some((q) => q.startsWith(`${p}/`))));
  });
  const pairs = fc.sample(fc.tuple(tree, tree), { numRuns: 60, seed: 1 });
  const objects = new MemoryObjects();
  const trees = pairs.map(([before, after]) => [objects.tree(before), objects.tree(after)] as const);
  const git = objects.repository(t.testdir());
  const none: FileVersion = { mode: '000000' as FileVersion['mode'], oid: '0'.repeat(40) };
  for (const [before, after] of trees) {
    const raw = diffTrees(objects, before, after).map((change) => {
      const [a, b] = [change.before ?? none, change.after ?? none];
      return `:${a.mode} ${b.mode} ${a.oid} ${b.oid} ${letter(change)}\0${change.path}\0`;
    });
    t.equal(raw.join(''), git(['diff-tree', '-r', '-z', '--no-renames', before, after]).stdout.toString());
  }
});
