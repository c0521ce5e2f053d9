import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { SyncError } from '../../lib/core/errors.js';
import { actorEmail, type Commit, decodeCommit, encodeCommit, isActorId } from '../../lib/core/object/commit.js';
import {
  hashObject,
  isOid,
  NULL_OID,
  type Oid,
  oidFromBytes,
  oidToBytes,
  parseOid,
} from '../../lib/core/object/oid.js';
import { parsePath } from '../../lib/core/object/path.js';
import { EMPTY_TREE, readBlob, readCommit, readTree, references } from '../../lib/core/object/read.js';
import { compareUtf8, decodeUtf8Strict } from '../../lib/core/object/text.js';
import {
  checkTree,
  compareEntries,
  decodeTree,
  encodeTree,
  type FileMode,
  type TreeEntry,
} from '../../lib/core/object/tree.js';
import { verifyObject } from '../../lib/core/object/verify.js';
import type { ObjectType } from '../../lib/core/ports.js';
import { MemoryObjects } from './memory-objects.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** Records with the prototype of an object literal, as the code under test makes them. */
const PLAIN = { noNullPrototype: true } as const;
/** Whole code points, those beyond U+FFFF and control characters among them. */
const text = fc.string({ unit: 'binary', maxLength: 12 });
/** Names as people give them, and names that have misled one version control system or another. */
const TRICKY_NAMES = [
  ...['', '.git ', '.git. .', 'tab\t', '.g\u200cit', '\ufeff.git', '.git\u200d', '.gi\u200et', '\u{1f600}', '\uffee'],
  ...'. .. / a/b b\\c .git .GIT .Git .git. git~1 GIT~1 git~2 .git\\x .git: .git::$INDEX_ALLOCATION .gıt .gitx'.split(
    ' ',
  ),
  ...'git a a.md a- a0 ä A'.split(' '),
];
const name = fc.oneof(text, fc.constantFrom(...TRICKY_NAMES));
const oid = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map(oidFromBytes)
  .filter((oid) => oid !== NULL_OID);
const mode = fc.constantFrom<FileMode>('100644', '100755', '120000', '40000');
const isSafe = (name: string) => {
  try {
    return parsePath(name).length === 1;
  } catch {
    return false;
  }
};
const entries = fc.uniqueArray(fc.record({ name: name.filter(isSafe), mode, oid }, PLAIN), {
  selector: (entry) => entry.name,
  maxLength: 8,
});
const actor = fc.constantFrom('a', 'ada-1', '0', 'z'.repeat(64));
const signature = fc.record(
  { actor, time: fc.nat(4_000_000_000), offset: fc.integer({ min: -14 * 60, max: 14 * 60 }) },
  PLAIN,
);
const commit: fc.Arbitrary<Commit> = fc.record(
  {
    tree: oid,
    parents: fc.uniqueArray(oid, { maxLength: 3 }),
    author: signature,
    committer: signature,
    message: fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => `${text}\n`),
  },
  PLAIN,
);

/** The ids of the objects that `git fsck --strict` finds fault with. */
function faulted(t: Test, objects: MemoryObjects): Set<Oid> {
  const git = objects.repository(t.testdir());
  const { stdout, stderr } = git(['fsck', '--strict', '--no-dangling', '--no-progress']);
  const said = `${stdout}${stderr}`;
  return new Set([...said.matchAll(/^(?:error|warning).*?\b([0-9a-f]{40})\b/gm)].map((match) => match[1]!));
}

/** Tells whether a decoder takes what it is given. */
function decodes(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    assert(error instanceof SyncError && error.code === 'OBJECT_MALFORMED');
    return false;
  }
}

t.test('an object’s id is the one that git gives it', async (t) => {
  const git = (type: ObjectType, body: Uint8Array) =>
    spawnSync('git', ['hash-object', '-t', type, '--literally', '--stdin'], { input: body }).stdout.toString().trim();
  const bodies: Uint8Array[] = [
    ...['', 'a', 'hello\n', 'ö'.repeat(5000)].map((text) => Buffer.from(text)),
    ...fc.sample(fc.uint8Array({ maxLength: 3000 }), 10),
  ];
  for (const body of bodies) t.equal(hashObject('blob', body), git('blob', body), `${body.length} bytes`);
  for (const type of ['tree', 'commit'] as const) t.equal(hashObject(type, bodies[2]!), git(type, bodies[2]!), type);
  t.equal(hashObject('tree', new Uint8Array()), EMPTY_TREE, 'the empty tree');
  t.strictSame(oidToBytes(oidFromBytes(oidToBytes(A))), oidToBytes(A));
  for (const wrong of ['', 'a', A.toUpperCase(), `${A}a`, `${A}\n`, 'g'.repeat(40)]) {
    t.notOk(isOid(wrong), JSON.stringify(wrong));
    t.throws(() => parseOid(wrong), { code: 'OID_INVALID' });
  }
});

t.test('a tree', async (t) => {
  t.test('is git mktree’s to the byte, whatever the order it is given in', async (t) => {
    const samples = fc.sample(entries, 300).filter((entries) => entries.length > 0);
    const lines = samples.map((entries) =>
      entries.map(({ name, mode, oid }) => `${mode} ${mode === '40000' ? 'tree' : 'blob'} ${oid}\t${name}\0`).join(''),
    );
    const git = new MemoryObjects().repository(t.testdir());
    const { stdout, stderr } = git(['mktree', '-z', '--missing', '--batch'], lines.join('\0'));
    t.strictSame(
      samples.map((entries) => hashObject('tree', encodeTree(entries))),
      stdout.toString().trim().split('\n'),
      stderr,
    );
  });

  t.test('is read back as it was written, in git’s order', async () => {
    fc.assert(
      fc.property(entries, (entries) => {
        const decoded = decodeTree(encodeTree(entries));
        const byName = (a: TreeEntry, b: TreeEntry) => compareUtf8(a.name, b.name);
        assert.deepEqual(decoded.toSorted(byName), entries.toSorted(byName));
        assert.deepEqual(decoded, decoded.toSorted(compareEntries));
      }),
    );
  });

  const entry = (mode: string, name: string | Uint8Array, oid = A) =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name as string), Buffer.from([0]), oidToBytes(oid)]);
  const rows: [what: string, body: Uint8Array, message: RegExp, git: 'too' | 'not git'][] = [
    ['cut off in the mode', Buffer.from('1006'), /cut short/, 'too'],
    ['cut off in the name', Buffer.from('100644 a'), /cut short/, 'too'],
    ['cut off in the id', entry('100644', 'a').subarray(0, -1), /cut short/, 'too'],
    ['with a mode that git once wrote', entry('100664', 'a'), /unknown mode/, 'too'],
    ['with a padded mode', entry('040000', 'a'), /unknown mode/, 'too'],
    ['with a mode of letters', entry('file', 'a'), /unknown mode/, 'too'],
    ['with an empty name', entry('100644', ''), /is empty/, 'too'],
    ['with the folder itself', entry('40000', '.'), /leaves its folder/, 'too'],
    ['with the folder above', entry('40000', '..'), /leaves its folder/, 'too'],
    ['with a path for a name', entry('100644', 'a/b'), /path separator/, 'too'],
    ['with a path of Windows', entry('100644', 'a\\b'), /path separator/, 'not git'],
    ['with a line end in a name', entry('100644', 'a\nb'), /control character/, 'not git'],
    ['with a name that is not UTF-8', entry('100644', Buffer.from([0xff])), /not UTF-8/, 'not git'],
    ['with a name too long for a file system', entry('100644', 'n'.repeat(256)), /longer than 255/, 'not git'],
    ['with git’s folder', entry('40000', '.git'), /git's own/, 'too'],
    ['with git’s folder in capitals', entry('40000', '.GIT'), /git's own/, 'too'],
    ['with git’s folder as Windows shortens it', entry('40000', 'git~1'), /git's own/, 'too'],
    ['with git’s folder as Windows trims it', entry('40000', '.git. .'), /git's own/, 'too'],
    ['with git’s folder as a stream of NTFS', entry('40000', '.git::$INDEX_ALLOCATION'), /git's own/, 'too'],
    ['with git’s folder as macOS reads it', entry('40000', '.g\u200cit'), /git's own/, 'too'],
    ['with the null id', entry('100644', 'a', '0'.repeat(40)), /null id/, 'too'],
    ['out of order', Buffer.concat([entry('100644', 'b'), entry('100644', 'a')]), /out of order/, 'too'],
    [
      'with a folder in a file’s place',
      Buffer.concat([entry('40000', 'a'), entry('100644', 'a-')]),
      /out of order/,
      'too',
    ],
    ['with an entry twice', Buffer.concat([entry('100644', 'a'), entry('100644', 'a')]), /twice/, 'too'],
    [
      'with a file and a folder of one name, other entries between them',
      Buffer.concat([entry('100644', 'a'), entry('100644', 'a-b'), entry('40000', 'a')]),
      /twice/,
      'too',
    ],
  ];
  t.test('is refused', async (t) => {
    const objects = new MemoryObjects();
    const oids = rows.map(([, body]) => objects.write({ type: 'tree', body }));
    const faults = faulted(t, objects);
    for (const [i, [what, body, message, git]] of rows.entries()) {
      t.throws(() => checkTree(decodeTree(body)), { code: 'OBJECT_MALFORMED', message }, what);
      t.equal(faults.has(oids[i]!), git === 'too', git === 'too' ? 'as by git fsck' : 'where git fsck is content');
    }
  });

  t.test('that is taken is one that git fsck --strict takes', async (t) => {
    const objects = new MemoryObjects();
    const anyEntries = fc.array(fc.record({ name, mode: fc.oneof(mode, fc.constant('160000' as const)), oid }), {
      maxLength: 3,
    });
    const broken = fc.tuple(anyEntries, fc.nat(), fc.nat(255), fc.boolean()).map(([entries, at, byte, breaks]) => {
      const body = encodeTree(entries);
      if (breaks && body.length > 0) body[at % body.length] = byte;
      return body;
    });
    const bodies = fc.sample(broken, 1000).filter((body) => decodes(() => checkTree(decodeTree(body))));
    const oids = bodies.map((body) => objects.write({ type: 'tree', body }));
    t.ok(oids.length > 100, `${oids.length} of 1,000 are taken`);
    const faults = faulted(t, objects);
    const wrong = bodies.filter((_, i) => faults.has(oids[i]!)).map((body) => JSON.stringify(decodeTree(body)));
    t.strictSame(wrong, []);
  });
});

t.test('names sort as their bytes do', async () => {
  fc.assert(
    fc.property(text, text, text, (shared, a, b) => {
      const [x, y] = [shared + a, shared + b];
      return Math.sign(compareUtf8(x, y)) === Buffer.compare(Buffer.from(x), Buffer.from(y));
    }),
    { numRuns: 2000 },
  );
});

t.test('text is UTF-8 or it is not', async (t) => {
  fc.assert(fc.property(text, (text) => decodeUtf8Strict(Buffer.from(text)) === text));
  t.equal(decodeUtf8Strict(Buffer.from('\ufeffbom')), '\ufeffbom', 'a byte order mark is kept');
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    t.equal(decodeUtf8Strict(Uint8Array.from(bytes)), undefined, Buffer.from(bytes).toString('hex'));
  }
});

t.test('a path', async (t) => {
  for (const path of ['a', 'plans/INFRA/INFRA-008-finalize.md', 'Ünï/\u{1f600}.md', 'a b/c~1', `${'d/'.repeat(15)}f`]) {
    t.strictSame(parsePath(path), path.split('/'), path);
  }
  for (const path of [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a/.git/b',
    'a/.GIT',
    'GIT~1/a',
    'a\\b',
    'C:\\a',
    'a\0b',
    'a\x7f',
    'a/\ud800',
    `${'d/'.repeat(16)}f`,
    'n'.repeat(256),
    'ö'.repeat(128),
  ]) {
    t.throws(() => parsePath(path), { code: 'PATH_UNSAFE' }, `${JSON.stringify(path).slice(0, 60)} is refused`);
  }
});

t.test('a commit', async (t) => {
  t.test('is read back as it was written', async () => {
    fc.assert(fc.property(commit, (commit) => assert.deepEqual(decodeCommit(encodeCommit(commit)), commit)));
  });

  t.test('is git commit-tree’s to the byte', async (t) => {
    const git = new MemoryObjects().repository(t.testdir());
    for (const { tree: _, ...rest } of fc.sample(commit, 12)) {
      const first = { ...rest, tree: EMPTY_TREE, parents: [], message: `${rest.message.trim()}x\n\nbody ö\n` };
      git(['hash-object', '-t', 'tree', '-w', '--stdin']);
      const parent = git(['hash-object', '-t', 'commit', '-w', '--stdin'], encodeCommit(first))
        .stdout.toString()
        .trim();
      t.equal(parent, hashObject('commit', encodeCommit(first)));
      const made = { ...first, parents: [parent] };
      const date = ({ time, offset }: Commit['author']) => {
        const minutes = Math.abs(offset);
        const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
        return `@${time} ${offset < 0 ? '-' : '+'}${digits}`;
      };
      const name = (who: string, { actor }: Commit['author']) => [
        ...['-c', `${who}.name=${actor}`, '-c', `${who}.email=${actorEmail(actor)}`],
      ];
      const env = { GIT_AUTHOR_DATE: date(made.author), GIT_COMMITTER_DATE: date(made.committer) };
      Object.assign(process.env, env);
      const { stdout, stderr } = git(
        [
          ...name('author', made.author),
          ...name('committer', made.committer),
          'commit-tree',
          EMPTY_TREE,
          '-p',
          parent,
          '-F',
          '-',
        ],
        made.message,
      );
      for (const variable of Object.keys(env)) delete process.env[variable];
      t.equal(
        hashObject('commit', encodeCommit(made)),
        stdout.toString().trim(),
        stderr || JSON.stringify(made.author),
      );
    }
  });

  const ada = `ada <${actorEmail('ada')}> 1700000000 +0100`;
  const body = (lines: readonly string[]) => `tree ${A}\n${lines.map((line) => `${line}\n`).join('')}\nmessage\n`;
  const valid = body([`parent ${B}`, `author ${ada}`, `committer ${ada}`]);
  const rows: [what: string, body: string | Uint8Array, message: RegExp, git: 'too' | 'not git'][] = [
    ['without a message', valid.slice(0, valid.indexOf('\n\n') + 1), /no message/, 'not git'],
    ['without a tree', valid.slice(valid.indexOf('\n') + 1), /no tree/, 'too'],
    ['with a tree that is no id', valid.replace(A, 'main'), /no object id/, 'too'],
    ['with a parent that is no id', valid.replace(B, 'main'), /no object id/, 'too'],
    ['with a parent in capitals', valid.replace(B, B.toUpperCase()), /no object id/, 'not git'],
    ['without an author', body([`committer ${ada}`]), /no valid author/, 'too'],
    ['without a committer', body([`author ${ada}`]), /no valid author/, 'too'],
    ['with committer before author', body([`committer ${ada}`, `author ${ada}`]), /no valid author/, 'too'],
    [
      'with a parent after the author',
      body([`author ${ada}`, `parent ${B}`, `committer ${ada}`]),
      /no valid author/,
      'too',
    ],
    [
      'with a header of another kind',
      body([`author ${ada}`, `committer ${ada}`, 'encoding latin1']),
      /unexpected header/,
      'not git',
    ],
    ['signed by a person’s name', valid.replace('author ada', 'author Ada Lovelace'), /no actor id/, 'not git'],
    ['signed by a person’s address', valid.replace(actorEmail('ada'), 'ada@example.org'), /no actor id/, 'not git'],
    [
      'signed by two',
      valid.replace(`author ada <${actorEmail('ada')}>`, `author ada <${actorEmail('eve')}>`),
      /no actor id/,
      'not git',
    ],
    ['of no date', valid.replace(' 1700000000 +0100', ''), /no valid author/, 'too'],
    ['of a padded date', valid.replace('1700000000', '01700000000'), /no valid author/, 'too'],
    ['of a date before 1970', valid.replace('1700000000', '-1'), /no valid author/, 'too'],
    ['of a date beyond counting', valid.replace('1700000000', '9'.repeat(16)), /no valid author/, 'not git'],
    ['of an hour with 99 minutes', valid.replace('+0100', '+0199'), /no valid author/, 'not git'],
    ['of a zone that is below nought', valid.replace('+0100', '-0000'), /no valid author/, 'not git'],
    ['of a zone in letters', valid.replace('+0100', 'CET'), /no valid author/, 'too'],
    ['with a zero byte in its message', `${valid}\0\n`, /NUL byte/, 'too'],
    ['that is not UTF-8', Buffer.from(`${valid}\xff\n`, 'latin1'), /not UTF-8/, 'not git'],
  ];
  t.test('is refused', async (t) => {
    const objects = new MemoryObjects();
    t.equal(decodeCommit(Buffer.from(valid)).message, 'message\n', 'unless nothing is wrong with it');
    const oids = rows.map(([, body]) => objects.write({ type: 'commit', body: Buffer.from(body as string) }));
    const faults = faulted(t, objects);
    for (const [i, [what, body, message, git]] of rows.entries()) {
      t.throws(() => decodeCommit(Buffer.from(body as string)), { code: 'OBJECT_MALFORMED', message }, what);
      t.equal(faults.has(oids[i]!), git === 'too', git === 'too' ? 'as by git fsck' : 'where git fsck is content');
    }
  });

  t.test('that is taken is one that git fsck --strict takes, and that would be written the same', async (t) => {
    const objects = new MemoryObjects();
    const characters = fc.constantFrom(...'\0\n <>+-09aA@.\u{1f600}');
    const broken = fc
      .tuple(commit, fc.nat(), fc.nat(3), characters, fc.boolean())
      .map(([commit, at, cut, character, breaks]) => {
        const text = Buffer.from(encodeCommit(commit)).toString();
        const i = at % text.length;
        return Buffer.from(breaks ? text.slice(0, i) + character + text.slice(i + cut) : text);
      });
    const bodies = fc.sample(broken, 1000).filter((body) => decodes(() => decodeCommit(body)));
    t.ok(bodies.length > 300, `${bodies.length} of 1,000 are taken`);
    const changed = bodies.filter((body) => !body.equals(encodeCommit(decodeCommit(body))));
    t.strictSame(changed.map(String), []);
    const oids = bodies.map((body) => objects.write({ type: 'commit', body }));
    const faults = faulted(t, objects);
    t.strictSame(bodies.filter((_, i) => faults.has(oids[i]!)).map(String), []);
  });

  t.test('is not written in the name of what is no actor', async (t) => {
    const by = (actor: string) => ({ actor, time: 0, offset: 0 });
    for (const wrong of ['', 'Ada', 'a b', '-a', 'a\n', 'a>', 'ada@example.org', 'z'.repeat(65)]) {
      t.notOk(isActorId(wrong), JSON.stringify(wrong));
      const commit = { tree: A, parents: [], author: by('a'), committer: by(wrong), message: 'm\n' };
      t.throws(() => encodeCommit(commit), { code: 'OBJECT_MALFORMED' });
    }
  });
});

t.test('an object from elsewhere', async (t) => {
  const blob = Buffer.from('text');
  const good = { oid: hashObject('blob', blob), type: 'blob' as const, body: blob };
  t.doesNotThrow(() => verifyObject(good), 'is taken when all is well');
  const large = new Uint8Array(2 * 1024 * 1024 + 1);
  const forged = Buffer.from('100644 ../evil\0aaaaaaaaaaaaaaaaaaaa');
  for (const [what, object, code] of [
    ['has other bytes than its id says', { ...good, body: Buffer.from('texT') }, 'OBJECT_HASH_MISMATCH'],
    ['is of another type than its id says', { ...good, type: 'tree' as const }, 'OBJECT_HASH_MISMATCH'],
    ['is too large', { oid: hashObject('blob', large), type: 'blob' as const, body: large }, 'OBJECT_TOO_LARGE'],
    ['is no tree', { oid: hashObject('tree', forged), type: 'tree' as const, body: forged }, 'OBJECT_MALFORMED'],
    ['is no commit', { oid: hashObject('commit', blob), type: 'commit' as const, body: blob }, 'OBJECT_MALFORMED'],
  ] as const) {
    t.throws(() => verifyObject(object), { code }, `is refused when it ${what}`);
  }
});

t.test('what an object names', async (t) => {
  const objects = new MemoryObjects();
  const tree = objects.tree({ 'a.md': 'a', 'b/c.md': 'c', sub: ['160000', B] });
  const by = { actor: 'ada', time: 0, offset: 0 };
  const commit: Commit = { tree, parents: [A, B], author: by, committer: by, message: 'm\n' };
  const oid = objects.write({ type: 'commit', body: encodeCommit(commit) });
  const entries = readTree(objects, tree);
  t.strictSame(readCommit(objects, oid), commit);
  t.equal(String(readBlob(objects, entries[0]!.oid)), 'a');
  t.strictSame(references(objects.read(oid)), [
    { oid: tree, type: 'tree' },
    { oid: A, type: 'commit' },
    { oid: B, type: 'commit' },
  ]);
  t.strictSame(
    references(objects.read(tree)).map(({ type }) => type),
    ['blob', 'tree'],
    'a submodule’s commit is somewhere else',
  );
  t.strictSame(references(objects.read(entries[0]!.oid)), []);
  t.strictSame(readTree(objects, EMPTY_TREE), [], 'the empty tree needs not be stored');
  t.throws(() => readCommit(objects, tree), { code: 'OBJECT_MALFORMED', message: /is a tree, not a commit/ });
  t.throws(() => readTree(objects, A), { code: 'OBJECT_NOT_FOUND' });
});
