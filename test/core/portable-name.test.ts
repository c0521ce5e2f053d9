/** Which names come in, which may be made, and what is left alone because it was there before. */
import t from 'tap';
import { treeGauge } from '../../lib/core/graph/measure-tree.js';
import { applyTreeEdits } from '../../lib/core/object/edit-tree.js';
import { LIMITS } from '../../lib/core/object/limits.js';
import { hashObject } from '../../lib/core/object/oid.js';
import { unsafeName } from '../../lib/core/object/path.js';
import { foldName, unportableName } from '../../lib/core/object/portable-name.js';
import { readTree } from '../../lib/core/object/read.js';
import { encodeTree, type TreeEntry } from '../../lib/core/object/tree.js';
import { verifyObject, verifyStored } from '../../lib/core/object/verify.js';
import { MemoryObjects } from './memory-objects.js';

const OID = '1'.repeat(40);
const GOOD = [
  ...['INFRA-001-first.md', 'a b.md', ' a', 'x.md~HEAD', 'what?.md', 'ä', '日本語.md', '\u{1f600}.md', 'a..b', '...a'],
  ...[
    'console.md',
    'com',
    'com10',
    'lpt',
    'nulls',
    'conin',
    'auxiliary.md',
    'prn-1',
    '.gitignore',
    'gitmod~5',
    'git~2',
  ],
];
const BAD: readonly [name: string, why: RegExp][] = [
  ['c\u0085', /control/],
  ['\u009b31m', /control/],
  ['C:', /colon/],
  ['c:evil.md', /colon/],
  ['a.md:hidden', /colon/],
  ['plans::$INDEX_ALLOCATION', /colon/],
  ['a.', /dot or a space/],
  ['a ', /dot or a space/],
  ['...', /dot or a space/],
  ['con', /device/],
  ['CON.md', /device/],
  ['nul .tar.gz', /device/],
  ['Aux', /device/],
  ['prn.md', /device/],
  ['COM1', /device/],
  ['com0.md', /device/],
  ['lpt9.x', /device/],
  ['com\u00b9', /device/],
  ['LPT\u00b3.md', /device/],
  ['conin$', /device/],
  ['CONOUT$.md', /device/],
  ['.gitmodules', /git/],
  ['.GitModules', /git/],
  ['.git\u200cmodules', /git/],
  ['gitmod~1', /git/],
  ['GI7EBA~2', /git/],
];

t.test('a name that every disk can hold', async (t) => {
  for (const name of GOOD) t.equal(unportableName(name), undefined, name);
  for (const [name, why] of BAD) {
    t.match(unportableName(name), why, JSON.stringify(name));
    t.equal(unsafeName(name), undefined, 'and one disk can, so what has it is still read');
  }
  for (const name of [
    '',
    '.',
    '..',
    '.git',
    'GIT~1',
    '.git::$INDEX_ALLOCATION',
    '.gi\u200ct',
    'a/b',
    'a\\b',
    'a\0',
    '\ud800',
  ]) {
    t.type(unsafeName(name), 'string', `${JSON.stringify(name)} is no name anywhere`);
    t.equal(unportableName(name), unsafeName(name), 'and so none that may be made');
  }
});

const TWINS: readonly [string, string][] = [
  ['a.md', 'A.MD'],
  ['ä', 'Ä'],
  ['\u00e4', 'a\u0308'],
  ['\u1e97', 'T\u0308'],
  ['σας', 'ΣΑΣ'],
  ['ſtory', 'story'],
  ['\u212a', 'k'],
  ['ж', 'Ж'],
  ['ａ', 'Ａ'],
  ['a\u200db', 'ab'],
  ['\ufeffa', 'A'],
];
const STRANGERS: readonly [string, string][] = [
  ['a', 'ä'],
  ['ß', 'ss'],
  ['ﬁ', 'fi'],
  ['İ', 'i'],
  ['１', '1'],
  ['a-b', 'ab'],
];

t.test(
  'two names are one to some disk when they differ only in case, accents’ spelling, or what has no width',
  async (t) => {
    for (const [a, b] of TWINS) t.equal(foldName(a), foldName(b), `${a} ${b}`);
    for (const [a, b] of STRANGERS) t.not(foldName(a), foldName(b), `${a} ${b}`);
  },
);

t.test('what another party sent is refused, and what the store has is read', async (t) => {
  const sent = (entries: readonly TreeEntry[]) => {
    const body = encodeTree(entries);
    return { type: 'tree', body, oid: hashObject('tree', body) } as const;
  };
  const file = (name: string, mode: TreeEntry['mode'] = '100644'): TreeEntry => ({ name, mode, oid: OID });
  const rows: readonly [string, readonly TreeEntry[]][] = [
    ...BAD.map(([name]): [string, TreeEntry[]] => [`the name ${JSON.stringify(name)}`, [file(name)]]),
    ...TWINS.map(([a, b]): [string, TreeEntry[]] => [`${a} beside ${b}`, [file(a), file(b)]]),
    ['a folder and a file that are twins', [file('INFRA', '40000'), file('infra')]],
    ['a symbolic link', [file('link', '120000')]],
    ['a submodule', [file('module', '160000')]],
  ];
  for (const [what, entries] of rows) {
    t.throws(() => verifyObject(sent(entries)), { code: 'OBJECT_MALFORMED' }, `${what} is refused`);
    t.doesNotThrow(() => verifyStored(sent(entries)), 'and no damage where it is');
  }
  for (const [a, b] of STRANGERS)
    t.doesNotThrow(() => verifyObject(sent([file(a), file(b)])), `${a} beside ${b} comes in`);
  t.doesNotThrow(() => verifyObject(sent([...GOOD, 'run.sh'].map((name) => file(name, '100755')))), 'so do good names');
});

t.test(
  'a file and a folder of one name are damage wherever they are, though others may sort between them',
  async (t) => {
    const entries = ['100644', '100644', '40000'].map((mode, i) => ({ name: i === 1 ? 'a-b' : 'a', mode, oid: OID }));
    const body = encodeTree(entries as TreeEntry[]);
    t.throws(() => verifyStored({ type: 'tree', body, oid: hashObject('tree', body) }), { message: /'a' twice/ });
  },
);

t.test('a tree gets no new name that another disk cannot hold', async (t) => {
  const objects = new MemoryObjects();
  const version = { mode: '100644', oid: objects.blob('text') } as const;
  const tree = objects.tree({
    'plans/aux.md': '1',
    'plans/INFRA/A.md': '1',
    'plans/INFRA/a.md': '2',
    'plans/b.md': '3',
  });
  const paths = (root: string) => readTree(objects, root).map(({ name }) => name);
  const refused = (path: string, what: string, removed: readonly string[] = []) =>
    t.throws(
      () =>
        applyTreeEdits(objects, tree, [{ path, version }, ...removed.map((gone) => ({ path: gone, version: null }))]),
      { code: 'PATH_UNSAFE', hint: /[Rr]ename/ },
      what,
    );
  refused('plans/nul.md', 'a device');
  refused('plans/B.md', 'a twin of a file');
  refused('plans/infra/c.md', 'a folder that is a twin of another');
  refused('Plans', 'a file that is a twin of a folder');
  refused('plans/INFRA/A.MD', 'one more twin, where one goes', ['plans/INFRA/A.md']);
  t.throws(
    () =>
      applyTreeEdits(
        objects,
        tree,
        ['new.md', 'NEW.md'].map((path) => ({ path, version })),
      ),
    { code: 'PATH_UNSAFE' },
    'two new files that are twins',
  );
  const kept = applyTreeEdits(
    objects,
    tree,
    ['plans/aux.md', 'plans/INFRA/A.md'].map((path) => ({ path, version })),
  );
  t.equal(kept.objects.length, 3, 'what it has already can be edited');
  const renamed = applyTreeEdits(objects, objects.tree({ a: '1' }), [
    { path: 'a', version: null },
    { path: 'A', version },
  ]);
  for (const object of renamed.objects) objects.write(object);
  t.same(paths(renamed.tree), ['A'], 'and a file may change its case');
  t.doesNotThrow(
    () => applyTreeEdits(objects, tree, [{ path: 'plans/B.md', version }], 'any'),
    'unless nobody receives it',
  );
});

t.test('trees that few bytes make endless are told without walking through them', async (t) => {
  const objects = new MemoryObjects();
  const nest = (depth: number, width: number): string => {
    let oid = objects.tree({ 'a.md': 'text' });
    for (let level = 1; level < depth; level++) {
      const entries = Array.from({ length: width }, (_, i) => ({ name: `d${i}`, mode: '40000' as const, oid }));
      oid = objects.write({ type: 'tree', body: encodeTree(entries) });
    }
    return oid;
  };
  const gauge = treeGauge(objects);
  t.doesNotThrow(() => gauge(nest(LIMITS.pathDepth, 1)), 'as deep as a path may be');
  t.throws(() => gauge(nest(LIMITS.pathDepth + 1, 1)), { code: 'PATH_UNSAFE', message: /deeper/ }, 'one deeper');
  t.throws(() => gauge(nest(100_000, 1)), { code: 'PATH_UNSAFE', message: /deeper/ }, 'a hundred thousand deep');
  t.doesNotThrow(() => gauge(nest(4, 50)), '125,000 paths');
  t.throws(() => gauge(nest(6, 50)), { code: 'PATH_UNSAFE', message: /more files/ }, '312 million paths in six trees');
  t.throws(
    () => gauge(nest(16, 1000)),
    { code: 'PATH_UNSAFE', message: /more files/ },
    'more paths than there are atoms',
  );
});

t.test('what git refuses to take into its index, on any system, is refused here', async (t) => {
  const git = new MemoryObjects().repository(t.testdir());
  const takes = (name: string) => {
    const safe = ['-c', 'core.protectHFS=true', '-c', 'core.protectNTFS=true'];
    return git([...safe, 'update-index', '--add', '--replace', '--cacheinfo', `100644,${OID},${name}`]).status === 0;
  };
  const stems = ['.git', '.GIT', '.gIt', 'git~1', 'GIT~1', '.gi\u200ct', '\ufeff.git', '.g\u202eit', 'git~2', '.gıt'];
  const tails = ['', ' ', '.', '. .', '::$INDEX_ALLOCATION', ':x', '\\x', 'x', '/config'];
  const names = [
    ...stems.flatMap((stem) => tails.map((tail) => stem + tail)),
    '..',
    '.',
    'a\\..\\b',
    'a/../b',
    '/a',
    'a//b',
  ];
  const refused = names.filter((name) => !takes(name));
  t.ok(refused.length > 40, `git refuses ${refused.length} of ${names.length}`);
  const taken = refused.filter((name) => name.split('/').every((part) => unportableName(part) === undefined));
  t.strictSame(taken, []);
});
