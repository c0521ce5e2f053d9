/** Edits of trees: what comes out is the tree that the files would have made from nothing. */
import fc from 'fast-check';
import t from 'tap';
import { applyTreeEdits, type TreeEdit } from '../../lib/core/object/edit-tree.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import { compareUtf8 } from '../../lib/core/object/text.js';
import { type Files, MemoryObjects } from './memory-objects.js';

/** Git's order puts a folder `a` between the files `a.b` and `a0`: names that would show a wrong order. */
const NAMES = ['a', 'a.b', 'a-b', 'a0', 'ab', 'é', 'z', '\u{1f600}', '\uff5e'];
const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const text = fc.constantFrom('one\n', 'two\n');

/** Files of which none stands where another needs a folder. */
const files: fc.Arbitrary<Files> = fc.dictionary(path, text, { maxKeys: 14 }).map((drawn) => {
  const kept: Record<string, string> = {};
  for (const [at, contents] of Object.entries(drawn).sort(([a], [b]) => compareUtf8(a, b))) {
    if (!Object.keys(kept).some((other) => at.startsWith(`${other}/`))) kept[at] = contents;
  }
  return kept;
});

function editsBetween(objects: MemoryObjects, before: Files, after: Files): TreeEdit[] {
  const gone = Object.keys(before).filter((at) => after[at] === undefined);
  return [
    ...gone.map((at) => ({ path: at, version: null })),
    ...Object.entries(after).map(([at, contents]) => ({
      path: at,
      version: { mode: '100644', oid: objects.blob(contents as string) } as const,
    })),
  ];
}

t.test('from any files to any others, the tree is that of the others', async (t) => {
  fc.assert(
    fc.property(files, files, (before, after) => {
      const objects = new MemoryObjects();
      const root = objects.tree(before);
      const edited = applyTreeEdits(objects, root, editsBetween(objects, before, after));
      const wanted = Object.keys(after).length === 0 ? EMPTY_TREE : objects.tree(after);
      return edited.tree === wanted;
    }),
    { numRuns: 2000 },
  );
  t.pass('2,000 pairs');
});

const rows: readonly [
  what: string,
  before: Files,
  edits: readonly [path: string, text: string | null][],
  after: Files,
][] = [
  [
    'removing what is not there changes nothing',
    { a: '1' },
    [
      ['b', null],
      ['c/d', null],
    ],
    { a: '1' },
  ],
  ['a folder that is left empty goes', { 'a/b': '1', c: '2' }, [['a/b', null]], { c: '2' }],
  [
    'a file gives way to a folder of its name',
    { a: '1' },
    [
      ['a', null],
      ['a/b', '2'],
    ],
    { 'a/b': '2' },
  ],
  [
    'a folder gives way to a file of its name',
    { 'a/b': '1' },
    [
      ['a/b', null],
      ['a', '2'],
    ],
    { a: '2' },
  ],
  ['a folder is not removed as if it were a file', { 'a/b': '1' }, [['a', null]], { 'a/b': '1' }],
  ['a file that stays keeps what was to be removed below it', { a: '1' }, [['a/b', null]], { a: '1' }],
];

for (const [what, before, edits, after] of rows) {
  t.test(what, async (t) => {
    const objects = new MemoryObjects();
    const { tree } = applyTreeEdits(
      objects,
      objects.tree(before),
      edits.map(([at, contents]) => ({
        path: at,
        version: contents === null ? null : { mode: '100644', oid: objects.blob(contents) },
      })),
    );
    t.equal(tree, objects.tree(after));
  });
}

t.test('a path below a file is refused', async (t) => {
  const objects = new MemoryObjects();
  const version = { mode: '100644', oid: objects.blob('2') } as const;
  t.throws(() => applyTreeEdits(objects, objects.tree({ a: '1' }), [{ path: 'a/b', version }]), {
    code: 'PATH_UNSAFE',
  });
});
