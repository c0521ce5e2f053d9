/** Objects that no honest origin sends: each with the id that it truly has, unless a row says otherwise. */
import type { Oid } from '../../../lib/core/object/oid.js';
import type { ErrorCode, IdentifiedObject } from '../../../lib/index.js';
import { ACTOR, identified } from '../../../lib/origin/contract/specimens.js';
import { BLOB, bytes, commit, commitText, entry, forged, NULL_OID, nested, signedAt, tree, utf8 } from './specimens.js';

/** What an origin sends on top of an honest history, and what `main` is there then. */
export interface ObjectRow {
  /** Completes "an origin that sends". */
  readonly sentence: string;
  readonly code: ErrorCode;
  /** @param parent the honest tip. @returns the objects, the last of which is the new tip */
  readonly objects: (parent: Oid, parentTree: Oid) => readonly IdentifiedObject[];
}

const MALFORMED = 'OBJECT_MALFORMED' as const;

/** A commit whose `plans/INFRA` holds the entries as they are. */
function holding(...entries: readonly string[]): ObjectRow['objects'] {
  return (parent) => {
    const folder = tree(...entries);
    return under(folder, parent, [BLOB, folder]);
  };
}

function under(folder: IdentifiedObject, parent: Oid, before: readonly IdentifiedObject[]): IdentifiedObject[] {
  const plans = tree(entry('40000', 'INFRA', folder.oid));
  const root = tree(entry('40000', 'plans', plans.oid));
  return [...before, plans, root, commit(root.oid, [parent])];
}

function rooted(root: IdentifiedObject, parent: Oid, before: readonly IdentifiedObject[] = [BLOB]): IdentifiedObject[] {
  return [...before, root, commit(root.oid, [parent])];
}

const NAMES: readonly [what: string, name: string][] = [
  ['`..`', '..'],
  ['`.`', '.'],
  ['no name', ''],
  ['an absolute path', '/etc/passwd'],
  ['a path for a name', '../../../.bashrc'],
  ['a path further down', 'a/b'],
  ['`.git`', '.git'],
  ['`.GIT`', '.GIT'],
  ['`.git` and a space', '.git '],
  ['`.git` and a dot', '.git.'],
  ['`.git` and both', '.git. .'],
  ['`git~1`', 'git~1'],
  ['`GIT~1` and a dot', 'GIT~1.'],
  ['`.git` as a stream', '.git::$INDEX_ALLOCATION'],
  ['`.git` with a character that HFS+ leaves out', utf8('.g\u200cit')],
  ['`.git` behind a byte order mark', utf8('\ufeff.git')],
  ['`.gitmodules`', '.gitmodules'],
  ['`.gitmodules` by its short name', 'GITMOD~1'],
  ['a backslash', 'a\\b.md'],
  ['`..` and backslashes', '..\\..\\evil.md'],
  ['a drive', 'C:'],
  ['a file on a drive', 'c:\\evil.md'],
  ['a hidden stream', 'a.md:hidden'],
  ['a folder’s own stream', 'plans::$INDEX_ALLOCATION'],
  ['CON', 'CON'],
  ['nul.md', 'nul.md'],
  ['AUX with two extensions', 'AUX.tar.gz'],
  ['PRN and a space', 'prn .md'],
  ['COM1', 'COM1'],
  ['COM¹.md', utf8('COM\u00b9.md')],
  ['LPT9.md', 'LPT9.md'],
  ['CONIN$', 'CONIN$'],
  ['a trailing dot', 'a.md.'],
  ['a trailing space', 'a.md '],
  ['a newline', 'a\nb.md'],
  ['an escape sequence', '\x1b]0;evil\x07.md'],
  ['DEL', 'a\x7f.md'],
  ['a C1 control', utf8('a\u009b2J.md')],
  ['a byte that is no UTF-8', 'a\xff.md'],
  ['a surrogate', 'a\xed\xa0\x80.md'],
  ['an overlong slash', 'a\xc0\xafb.md'],
  ['256 bytes', `${'n'.repeat(253)}.md`],
  ['a megabyte', `${'n'.repeat(1 << 20)}.md`],
];

const ENTRIES: readonly [what: string, entries: readonly string[]][] = [
  ['names that differ in case', [entry('100644', 'A.md'), entry('100644', 'a.md')]],
  [
    'names that differ in how an accent is written',
    [entry('100644', utf8('a\u0308.md')), entry('100644', utf8('\u00e4.md'))],
  ],
  ['names that differ in Greek case', [entry('100644', utf8('ΣΑΣ.md')), entry('100644', utf8('σας.md'))]],
  ['names that differ in a joiner', [entry('100644', 'ab.md'), entry('100644', utf8('a\u200db.md'))]],
  ['a folder and a file that are twins', [entry('40000', 'SUB', nested(1)[0]!.oid), entry('100644', 'sub')]],
  ['a symbolic link', [entry('120000', 'link.md')]],
  ['another repository', [entry('160000', 'module', '1'.repeat(40))]],
  ['a mode that git dropped', [entry('100664', 'a.md')]],
  ['a mode with a zero before it', [entry('040000', 'sub', nested(1)[0]!.oid)]],
  ['a mode with setuid', [entry('104755', 'a.md')]],
  ['no mode', [entry('', 'a.md')]],
  ['a mode of a megabyte', [entry('1'.repeat(1 << 20), 'a.md')]],
  ['a name twice', [entry('100644', 'a.md'), entry('100644', 'a.md')]],
  [
    'a file and a folder of one name',
    [entry('100644', 'a'), entry('100644', 'a-b'), entry('40000', 'a', nested(1)[0]!.oid)],
  ],
  ['names out of order', [entry('100644', 'b.md'), entry('100644', 'a.md')]],
  ['a folder sorted like a file', [entry('40000', 'a', nested(1)[0]!.oid), entry('100644', 'a.b')]],
  ['the null id', [entry('100644', 'a.md', NULL_OID)]],
  ['half an entry', [entry('100644', 'a.md').slice(0, -1)]],
  ['an entry without an end', ['100644 a.md']],
  ['noise', ['\0\x01\x02\xff'.repeat(50)]],
];

/** Objects that are wrong by themselves: the page that one is in is not kept. */
export const FORM_ROWS: readonly ObjectRow[] = [
  ...NAMES.map(
    ([what, name]): ObjectRow => ({
      sentence: `a file named ${what}`,
      code: MALFORMED,
      objects: holding(entry('100644', name)),
    }),
  ),
  ...NAMES.slice(0, 12).map(
    ([what, name]): ObjectRow => ({
      sentence: `a folder named ${what}, at the top`,
      code: MALFORMED,
      objects: (parent) => rooted(tree(entry('40000', name, nested(1)[0]!.oid)), parent, [BLOB, ...nested(1)]),
    }),
  ),
  ...ENTRIES.map(
    ([what, entries]): ObjectRow => ({
      sentence: `a tree with ${what}`,
      code: MALFORMED,
      objects: holding(...entries),
    }),
  ),
  {
    sentence: 'a commit with 65 parents',
    code: MALFORMED,
    objects: (parent, parentTree) => [commit(parentTree, Array(65).fill(parent))],
  },
  {
    sentence: 'a commit with 10,000 parents',
    code: MALFORMED,
    objects: (parent, parentTree) => [commit(parentTree, Array(10_000).fill(parent))],
  },
  ...[
    ['dated in the year 33658', { author: signedAt('1000000000000') }],
    ['dated in the year 300000', { committer: signedAt('9404700000000') }],
    ['dated later than numbers are exact', { author: signedAt('99999999999999999999') }],
    ['dated before 1970', { author: signedAt('-1') }],
    ['dated with an exponent', { author: signedAt('1e9') }],
    ['dated NaN', { committer: signedAt('NaN') }],
    ['by a person’s name', { author: 'Ada <ada@example.org> 1700000000 +0100' }],
    ['by one with the address of another', { author: `${ACTOR.id} <root@actor.agent-sync.invalid> 1700000000 +0100` }],
    ['by an escape sequence', { author: '\x1b[2J <\x1b[2J@actor.agent-sync.invalid> 1700000000 +0100' }],
    ['by __proto__', { author: '__proto__ <__proto__@actor.agent-sync.invalid> 1700000000 +0100' }],
    ['with another header', { more: 'gpgsig evil\n' }],
    ['with a header of a megabyte', { more: `x ${'x'.repeat(1 << 20)}\n` }],
    ['with a second tree', { more: `tree ${'1'.repeat(40)}\n` }],
    ['with a parent behind the author', { more: `parent ${'1'.repeat(40)}\n` }],
    ['with a NUL in its message', { message: 'good\0evil\n' }],
    ['that is not UTF-8', { message: '\xff\xfe\n' }],
    ['with a parent in capitals', { parents: `parent ${'A'.repeat(40)}\n` }],
  ].map(
    ([what, parts]): ObjectRow => ({
      sentence: `a commit ${what as string}`,
      code: MALFORMED,
      objects: (_, parentTree) => [commitText(parentTree, parts as object)],
    }),
  ),
  {
    sentence: 'a commit without an empty line',
    code: MALFORMED,
    objects: () => [identified('commit', bytes('tree'))],
  },
  {
    sentence: 'a file of more than 2 MiB',
    code: 'OBJECT_TOO_LARGE',
    objects: (parent) => {
      return rooted(tree(entry('100644', 'a.md')), parent, [
        BLOB,
        identified('blob', new Uint8Array(2 * 1024 * 1024 + 1)),
      ]);
    },
  },
  {
    sentence: 'a file under another’s id',
    code: 'OBJECT_HASH_MISMATCH',
    objects: (parent) => rooted(tree(entry('100644', 'a.md')), parent, [forged('blob', bytes('evil'), BLOB.oid)]),
  },
  {
    sentence: 'a file as a tree',
    code: 'OBJECT_HASH_MISMATCH',
    objects: (parent) => rooted(tree(entry('100644', 'a.md')), parent, [forged('tree', BLOB.body, BLOB.oid)]),
  },
  {
    sentence: 'one bad object behind three hundred good ones',
    code: 'OBJECT_HASH_MISMATCH',
    objects: (parent, parentTree) => [...nested(300), forged('blob', bytes('evil')), commit(parentTree, [parent])],
  },
];

/** Objects of which each is as it must be, and which do not fit together. They may be kept, and no ref moves. */
export const LINK_ROWS: readonly ObjectRow[] = [
  {
    sentence: 'folders 17 deep',
    code: 'PATH_UNSAFE',
    objects: (parent) => [BLOB, ...nested(17), commit(nested(17).at(-1)!.oid, [parent])],
  },
  {
    sentence: 'folders 2,000 deep',
    code: 'PATH_UNSAFE',
    objects: (parent) => {
      const trees = nested(2_000);
      return [BLOB, ...trees, commit(trees.at(-1)!.oid, [parent])];
    },
  },
  {
    sentence: 'sixteen trees that are a thousand to the fifteenth folders',
    code: 'PATH_UNSAFE',
    objects: (parent) => {
      const trees = nested(16, 1000);
      return [BLOB, ...trees, commit(trees.at(-1)!.oid, [parent])];
    },
  },
  {
    sentence: 'a bomb of folders below what was there',
    code: 'PATH_UNSAFE',
    objects: (parent, parentTree) => {
      const trees = nested(8, 100);
      const root = tree(entry('40000', 'bomb', trees.at(-1)!.oid), entry('40000', 'old', parentTree));
      return [BLOB, ...trees, root, commit(root.oid, [parent])];
    },
  },
  {
    sentence: 'a folder that is a file',
    code: MALFORMED,
    objects: (parent) => rooted(tree(entry('40000', 'plans', BLOB.oid)), parent),
  },
  {
    sentence: 'a file that is a folder',
    code: MALFORMED,
    objects: (parent, parentTree) => rooted(tree(entry('100644', 'a.md', parentTree)), parent),
  },
  {
    sentence: 'a file that is a commit',
    code: MALFORMED,
    objects: (parent) => rooted(tree(entry('100644', 'a.md', parent)), parent),
  },
  {
    sentence: 'a folder that is a commit',
    code: MALFORMED,
    objects: (parent) => rooted(tree(entry('40000', 'plans', parent)), parent),
  },
  {
    sentence: 'a file that is not there',
    code: 'OBJECT_NOT_FOUND',
    objects: (parent) => rooted(tree(entry('100644', 'a.md', '1'.repeat(40))), parent),
  },
  {
    sentence: 'a folder that is not there',
    code: 'OBJECT_NOT_FOUND',
    objects: (parent) => rooted(tree(entry('40000', 'plans', '1'.repeat(40))), parent),
  },
  {
    sentence: 'a commit whose tree is not there',
    code: 'OBJECT_NOT_FOUND',
    objects: (parent) => [commit('1'.repeat(40), [parent])],
  },
  {
    sentence: 'a commit whose tree is a file',
    code: MALFORMED,
    objects: (parent) => [BLOB, commit(BLOB.oid, [parent])],
  },
  { sentence: 'a commit whose tree is a commit', code: MALFORMED, objects: (parent) => [commit(parent, [parent])] },
  {
    sentence: 'a commit whose parent is not there',
    code: 'OBJECT_NOT_FOUND',
    objects: (_, parentTree) => [commit(parentTree, ['1'.repeat(40)])],
  },
  {
    sentence: 'a commit whose parent is a tree',
    code: MALFORMED,
    objects: (_, parentTree) => [commit(parentTree, [parentTree])],
  },
  {
    sentence: 'a commit whose parent is a file',
    code: MALFORMED,
    objects: (_, parentTree) => [BLOB, commit(parentTree, [BLOB.oid])],
  },
];
