import { deepStrictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { encodeCommit } from '../../lib/core/object/commit.js';
import { LIMITS } from '../../lib/core/object/limits.js';
import { hashObject, type Oid } from '../../lib/core/object/oid.js';
import { encodeTree } from '../../lib/core/object/tree.js';
import type { ArtifactChange, ArtifactRow, MergeState, ObjectType, Store } from '../../lib/core/ports.js';
import { openStore } from '../../lib/store/open-store.js';

const MAIN = 'refs/heads/main';
const NOTE = { actor: 'ada', time: 1_700_000_000, message: 'commit: test' };

function newStore(t: Test): { store: Store; path: string } {
  const path = join(t.testdir(), 'agent.db');
  const store = openStore(path, { create: true });
  t.teardown(() => store.close());
  return { store, path };
}

/** A commit of one file, which differs by `text`. */
function commit(store: Store, text: string, ...parents: Oid[]): Oid {
  const oid = store.objects.write({ type: 'blob', body: Buffer.from(text) });
  const tree = store.objects.write({ type: 'tree', body: encodeTree([{ name: 'a.md', mode: '100644', oid }]) });
  const by = { actor: 'ada', time: 1_700_000_000, offset: 60 };
  const body = encodeCommit({ tree, parents, author: by, committer: by, message: `${text}\n` });
  return store.objects.write({ type: 'commit', body });
}

const anOid = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));

t.test('objects', async (t) => {
  const { store, path } = newStore(t);
  const { objects } = store;

  await t.test("an object's id is the one git gives it", async (t) => {
    const blob = hashObject('blob', Buffer.from('x'));
    const by = { actor: 'ada', time: 1_700_000_000, offset: -90 };
    const examples: [string, ObjectType, Uint8Array][] = [
      ['an empty blob', 'blob', Buffer.alloc(0)],
      ['a text', 'blob', Buffer.from('# Plan\n\nümläut\r\n')],
      ['bytes that do not compress', 'blob', randomBytes(100_000)],
      ['bytes that compress well', 'blob', Buffer.alloc(100_000, 'abc')],
      ['a tree', 'tree', encodeTree([{ name: 'plans', mode: '100644', oid: blob }])],
      ['a commit', 'commit', encodeCommit({ tree: blob, parents: [], author: by, committer: by, message: 'm\n' })],
    ];
    for (const [name, type, body] of examples) {
      const git = spawnSync('git', ['hash-object', '-t', type, '--stdin'], { input: body });
      t.equal(objects.write({ type, body }), git.stdout.toString().trim(), name);
    }
  });

  await t.test('what was written is read back, byte for byte', async (t) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(2000)).map(([unit, n]) => Buffer.alloc(n, unit)),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        const oid = objects.write({ type: 'blob', body });
        const read = objects.read(oid);
        return objects.has(oid) && read.type === 'blob' && Buffer.compare(read.body, body) === 0;
      }),
    );
    t.pass('any bytes');
  });

  await t.test('an object that is not there', async (t) => {
    const missing = 'ab'.repeat(20);
    t.equal(objects.has(missing), false);
    t.throws(() => objects.read(missing), { code: 'OBJECT_NOT_FOUND', message: new RegExp(missing) });
  });

  await t.test('what another party sent is stored only when it is what it claims to be', async (t) => {
    const body = Buffer.from('sent');
    const oid = hashObject('blob', body);
    const malformed = Buffer.from('100644 a.md\0too short');
    const large = Buffer.alloc(LIMITS.objectBytes + 1);
    const refused = [
      ['other contents', { oid, type: 'blob', body: Buffer.from('forged') }, 'OBJECT_HASH_MISMATCH'],
      ['another type', { oid, type: 'commit', body }, 'OBJECT_HASH_MISMATCH'],
      ['a broken tree', { oid: hashObject('tree', malformed), type: 'tree', body: malformed }, 'OBJECT_MALFORMED'],
      ['too large', { oid: hashObject('blob', large), type: 'blob', body: large }, 'OBJECT_TOO_LARGE'],
    ] as const;
    for (const [name, object, code] of refused) {
      t.throws(() => objects.writeVerified(object), { code }, name);
      t.equal(objects.has(object.oid), false, `${name} is not kept`);
    }
    objects.writeVerified({ oid, type: 'blob', body });
    t.equal(Buffer.from(objects.read(oid).body).toString(), 'sent');
  });

  await t.test('an object of our own has the same limit', async (t) => {
    t.throws(() => objects.write({ type: 'blob', body: Buffer.alloc(LIMITS.objectBytes + 1) }), {
      code: 'OBJECT_TOO_LARGE',
    });
    t.ok(objects.write({ type: 'blob', body: randomBytes(LIMITS.objectBytes) }), 'the limit itself still fits');
  });

  await t.test('objects are numbered as they come, and once', async (t) => {
    const { store } = newStore(t);
    const write = (text: string) => store.objects.write({ type: 'blob', body: Buffer.from(text) });
    t.equal(store.objects.lastSequence(), 0);
    t.strictSame(store.objects.after(0, 100), { objects: [], sequence: 0, more: false });
    const oids = ['first', 'second', 'third'].map(write);
    write('second');
    t.equal(store.objects.lastSequence(), 3);
    t.strictSame([...store.objects.list()].sort(), oids.toSorted());

    const pages = [];
    for (let page = store.objects.after(0, 11); ; page = store.objects.after(page.sequence, 11)) {
      pages.push(page.objects.map(({ oid, body }) => [oid, Buffer.from(body).toString()]));
      if (!page.more) break;
    }
    const [first, second, third] = oids;
    t.strictSame(
      pages,
      [
        [
          [first, 'first'],
          [second, 'second'],
        ],
        [[third, 'third']],
      ],
      'pages are filled up to the limit',
    );
    t.equal(store.objects.after(0, 1).objects.length, 1, 'an object above the limit comes alone');
  });

  await t.test('objects are found by the start of their id', async (t) => {
    const oid = objects.write({ type: 'blob', body: Buffer.from('find me') });
    for (const length of [4, 5, 17, 40])
      t.ok(objects.findByPrefix(oid.slice(0, length), 9).includes(oid), `${length} digits`);
    t.strictSame(objects.findByPrefix('f'.repeat(40), 9), []);
    t.throws(() => objects.findByPrefix('abc', 9), { code: 'OID_INVALID' });
    t.throws(() => objects.findByPrefix('wxyz', 9), { code: 'OID_INVALID' });
  });

  await t.test('a body that was damaged on disk is reported, not returned', async (t) => {
    const file = new Database(path);
    t.teardown(() => file.close());
    const fastest = { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } };
    const damages: [string, Uint8Array][] = [
      ['bytes that do not unpack', Buffer.from('nonsense')],
      ['as many bytes as there were', Buffer.alloc(2_000_000)],
      ['too few bytes', brotliCompressSync(Buffer.alloc(999))],
      ['a quarter of a gigabyte in few', brotliCompressSync(Buffer.alloc(256_000_000), fastest)],
    ];
    for (const [name, body] of damages) {
      const oid = objects.write({ type: 'blob', body: Buffer.alloc(2_000_000, name) });
      file.prepare('update objects set body = ? where oid = ?').run(body, Buffer.from(oid, 'hex'));
      const peak = process.resourceUsage().maxRSS;
      t.throws(() => objects.read(oid), { code: 'STORE_CORRUPT', message: new RegExp(oid) }, name);
      t.ok(process.resourceUsage().maxRSS < peak + 100_000, `${name} takes no more memory than the object would`);
    }
    t.strictSame(store.integrityProblems(), [], 'SQLite itself cannot tell');
  });
});

t.test('refs', async (t) => {
  await t.test('HEAD names main from the start, which has no commit yet', async (t) => {
    const { refs } = newStore(t).store;
    t.equal(refs.head(), MAIN);
    t.equal(refs.get('HEAD'), undefined);
    t.equal(refs.list().size, 0);
  });

  await t.test('moving HEAD moves its branch, and the log tells from where, by whom and why', async (t) => {
    const { store } = newStore(t);
    const one = commit(store, 'one');
    const two = commit(store, 'two', one);
    store.refs.update([{ name: 'HEAD', expected: null, target: one }], NOTE);
    store.refs.update([{ name: MAIN, expected: one, target: two }], { ...NOTE, message: 'second' });
    t.equal(store.refs.get('HEAD'), two);
    t.equal(store.refs.get(MAIN), two);
    t.strictSame([...store.refs.list()], [[MAIN, two]]);
    const log = [
      { name: MAIN, from: one, to: two, ...NOTE, message: 'second' },
      { name: MAIN, from: null, to: one, ...NOTE },
    ];
    t.strictSame(store.refs.reflog('HEAD'), log);
    t.strictSame(store.refs.reflog(MAIN), log);
  });

  await t.test('edits happen all or not at all', async (t) => {
    const { store } = newStore(t);
    const one = commit(store, 'one');
    const two = commit(store, 'two', one);
    const blob = store.objects.write({ type: 'blob', body: Buffer.from('blob') });
    const missing = 'cd'.repeat(20);
    store.refs.update([{ name: MAIN, expected: null, target: one }], NOTE);
    const good = { name: 'refs/heads/new', expected: null, target: one };
    const refused = [
      ['a ref that moved meanwhile', { name: MAIN, expected: two, target: two }, 'REF_CHANGED'],
      ['a ref that was to be new', { name: MAIN, expected: null, target: two }, 'REF_CHANGED'],
      ['a ref that was to be there', { name: 'refs/heads/x', expected: one, target: two }, 'REF_CHANGED'],
      ['the same ref twice', good, 'REF_CHANGED'],
      ['a target that is missing', { name: MAIN, expected: one, target: missing }, 'OBJECT_NOT_FOUND'],
      ['a target that is no commit', { name: MAIN, expected: one, target: blob }, 'OBJECT_NOT_FOUND'],
      ['a bad name', { name: 'refs/heads/a..b', expected: null, target: one }, 'REF_NAME_INVALID'],
    ] as const;
    for (const [name, edit, code] of refused) {
      t.throws(() => store.refs.update([good, edit], NOTE), { code }, name);
      t.strictSame([...store.refs.list()], [[MAIN, one]], `${name} changes nothing`);
      t.strictSame(store.refs.reflog(good.name), [], `${name} leaves no log`);
    }
  });

  await t.test('a ref can be removed, and its log stays', async (t) => {
    const { store } = newStore(t);
    const one = commit(store, 'one');
    store.refs.update([{ name: 'refs/remotes/origin/main', expected: null, target: one }], NOTE);
    store.refs.update([{ name: 'refs/remotes/origin/main', expected: one, target: null }], NOTE);
    t.equal(store.refs.get('refs/remotes/origin/main'), undefined);
    t.equal(store.refs.reflog('refs/remotes/origin/main').length, 2);
  });

  await t.test('an edit that moves nothing is not logged', async (t) => {
    const { store } = newStore(t);
    const one = commit(store, 'one');
    store.refs.update([{ name: MAIN, expected: null, target: one }], NOTE);
    store.refs.update([{ name: MAIN, expected: one, target: one }], NOTE);
    t.equal(store.refs.reflog(MAIN).length, 1);
  });

  await t.test('refs are listed by the start of their name', async (t) => {
    const { store } = newStore(t);
    const one = commit(store, 'one');
    const names = ['refs/heads/a', 'refs/heads/b%_c', 'refs/remotes/origin/a'];
    store.refs.update(
      names.map((name) => ({ name, expected: null, target: one })),
      NOTE,
    );
    t.strictSame([...store.refs.list('refs/heads/').keys()], names.slice(0, 2));
    t.strictSame([...store.refs.list('refs/heads/b%').keys()], ['refs/heads/b%_c']);
    t.strictSame([...store.refs.list().keys()], names);
  });
});

t.test('transactions', async (t) => {
  const blob = (text: string) => ({ type: 'blob' as const, body: Buffer.from(text) });

  await t.test('what is done inside is kept together, and the answer comes out', async (t) => {
    const { store } = newStore(t);
    const oids = store.transact(() => [
      store.objects.write(blob('a')),
      store.transact(() => store.objects.write(blob('b'))),
    ]);
    t.strictSame(
      oids.map((oid) => store.objects.has(oid)),
      [true, true],
    );
  });

  await t.test('a throw inside undoes all of it, even when the outer one catches it', async (t) => {
    const { store } = newStore(t);
    const inner = () => {
      store.objects.write(blob('inner'));
      throw new Error('inner failed');
    };
    const outer = () => {
      store.objects.write(blob('outer'));
      try {
        store.transact(inner);
      } catch {}
      store.objects.write(blob('after'));
    };
    t.throws(() => store.transact(inner), { message: 'inner failed' });
    t.throws(() => store.transact(outer), { message: 'inner failed' });
    t.equal(store.objects.lastSequence(), 0);
    store.transact(() => store.objects.write(blob('next')));
    t.equal(store.objects.lastSequence(), 1, 'and the next one is kept again');
  });
});

t.test('the merge in progress is kept whole, across a restart', async (t) => {
  const { store, path } = newStore(t);
  const version = (byte: string) => ({ mode: '100644' as const, oid: byte.repeat(20) });
  const unanswered = { answers: [], partial: null, resolution: undefined };
  const state: MergeState = {
    kind: 'pull',
    ours: '01'.repeat(20),
    theirs: null,
    tree: '02'.repeat(20),
    message: 'Merge origin/main\n\nwith a body\n',
    before: [
      { path: 'plans/A/A-1.md', oid: '03'.repeat(20) },
      { path: 'plans/A/A-2.md', oid: null },
    ],
    unfollowed: [{ path: 'plans/A/A-2.md', oid: null }],
    conflicts: [
      {
        path: 'z.md',
        kind: 'content',
        base: version('aa'),
        ours: version('bb'),
        theirs: version('cc'),
        message: 'both',
        hunks: [
          {
            base: { start: 1, end: 2 },
            ours: { start: 1, end: 3 },
            theirs: { start: 1, end: 1 },
            result: { start: 1, end: 6 },
          },
        ],
        ...unanswered,
      },
      {
        path: 'a.md',
        kind: 'modify/delete',
        base: version('dd'),
        ours: null,
        theirs: version('ee'),
        message: 'm',
        hunks: [],
        ...unanswered,
      },
      {
        path: 'm.md',
        kind: 'add/add',
        base: null,
        ours: version('ff'),
        theirs: version('ab'),
        message: 'm',
        hunks: [],
        ...unanswered,
        resolution: version('ff'),
      },
    ],
  };
  t.equal(store.merge.get(), undefined);
  store.merge.set(state);
  const reopened = openStore(path);
  t.strictSame(reopened.merge.get(), state);
  reopened.close();

  const answered = [
    { answers: ['ours', null, { text: 'mine\n' }], partial: version('99'), resolution: undefined },
    { ...unanswered, resolution: null },
    { ...unanswered, resolution: version('77') },
  ] as const;
  const onDisk = state.conflicts.map(({ path }, i) => ({ path, oid: i === 1 ? null : '88'.repeat(20) }));
  for (const [i, before] of onDisk.entries()) store.merge.resolve(before, answered[i]!);
  t.strictSame(
    store.merge.get()!.conflicts,
    state.conflicts.map((conflict, i) => ({ ...conflict, ...answered[i] })),
    'an answer to some hunks, a removal, and another answer than before',
  );
  const byPath = [...onDisk, ...state.unfollowed].sort((a, b) => (a.path < b.path ? -1 : 1));
  t.strictSame(store.merge.get()!.unfollowed, byPath, 'for which the disk is to change');
  store.merge.resolve({ path: 'm.md', oid: '66'.repeat(20) }, answered[2]);
  t.match(
    store.merge.get()!.unfollowed,
    [{}, { path: 'm.md', oid: '66'.repeat(20) }, {}, {}],
    'from what it held last',
  );
  store.merge.setFollowed([]);
  t.strictSame(store.merge.get()!.unfollowed, []);
  const bare = { ...state, conflicts: [], before: [], unfollowed: [] };
  store.merge.set(bare);
  store.transact(() => {
    const end = store.operations.begin({ command: 'abort', time: 1 });
    store.merge.clear();
    end();
  });
  t.match(
    store.operations.list(),
    [{ command: 'abort', merge: { before: { kind: bare.kind }, after: null } }],
    'an operation that ends before its transaction has recorded what became of it',
  );
  store.merge.set(bare);
  t.strictSame(store.merge.get(), bare, 'a new merge replaces the old');
  store.merge.clear();
  t.equal(store.merge.get(), undefined);
});

t.test('resolutions are kept by conflict, one for each text it was met in', async (t) => {
  const { store } = newStore(t);
  const oid = (digit: string) => digit.repeat(40);
  const record = (conflict: string, preimage: string, postimage: string, time: number) =>
    store.rerere.record(oid(conflict), { preimage: oid(preimage), postimage: oid(postimage), time });
  const found = (conflict: string) =>
    store.rerere.find(oid(conflict)).map(({ preimage, postimage, time }) => [preimage[0], postimage[0], time]);

  record('a', '1', '2', 100);
  record('a', '3', '4', 200);
  record('b', '1', '5', 300);
  t.strictSame(
    found('a'),
    [
      ['3', '4', 200],
      ['1', '2', 100],
    ],
    'newest first',
  );
  t.strictSame(found('c'), [], 'none for a conflict never met');
  record('a', '1', '6', 300);
  t.strictSame(
    found('a'),
    [
      ['1', '6', 300],
      ['3', '4', 200],
    ],
    'a later answer to the same text takes its place',
  );
});

t.test('the artifact index', async (t) => {
  const row = (path: string, id: string, more: Partial<ArtifactRow> = {}): ArtifactRow => {
    return { path, oid: 'aa'.repeat(20), kind: 'plan', id, title: `Title of ${id}`, state: 'DRAFT', ...more };
  };
  const change = (id: string, generation: number, commit: Oid, more: Partial<ArtifactChange> = {}): ArtifactChange => {
    return {
      kind: 'plan',
      id,
      generation,
      commit,
      modified: 1000 + generation,
      author: `actor-${generation}`,
      ...more,
    };
  };
  const step = { at: 'ee'.repeat(20), removed: [], written: [], changes: [], handles: [], commits: [] };

  await t.test('lists the artifacts with what their history says', async (t) => {
    const { index } = newStore(t).store;
    t.equal(index.at(), null);
    const [one, two] = ['11'.repeat(20), '22'.repeat(20)];
    index.apply({
      ...step,
      at: two,
      written: [
        row('plans/B-1.md', 'B-1'),
        row('plans/A-1.md', 'A-1'),
        row('stories/A-1.md', 'A-1', { kind: 'story', state: null }),
      ],
      changes: [
        change('B-1', 1, one),
        change('A-1', 1, one),
        change('B-1', 2, two),
        change('A-1', 2, two, { kind: 'story' }),
      ],
      commits: [
        { oid: one, generation: 1 },
        { oid: two, generation: 2 },
      ],
    });
    t.equal(index.at(), two);
    t.equal(index.generation(two), 2);
    t.equal(index.generation('33'.repeat(20)), undefined);
    const b1 = { ...row('plans/B-1.md', 'B-1'), version: 2, modified: 1002, author: 'actor-2', commit: two };
    t.strictSame(index.get('plans/B-1.md'), b1);
    t.strictSame(index.list({ kind: 'plan', id: 'B-1', state: 'DRAFT' }), [b1]);
    t.strictSame(
      index.list().map((entry) => entry.path),
      ['plans/A-1.md', 'plans/B-1.md', 'stories/A-1.md'],
    );
    t.strictSame(
      index.list({ id: 'A-1' }).map((entry) => [entry.path, entry.version, entry.state]),
      [
        ['plans/A-1.md', 1, 'DRAFT'],
        ['stories/A-1.md', 1, null],
      ],
    );
    t.strictSame(index.list({ state: 'COMMITTED' }), []);

    const three = '33'.repeat(20);
    index.apply({
      ...step,
      at: three,
      removed: ['plans/A-1.md'],
      written: [row('plans/B-1.md', 'B-1', { state: 'COMMITTED' })],
      changes: [change('B-1', 3, three)],
    });
    t.match(index.get('plans/B-1.md'), { version: 3, state: 'COMMITTED', commit: three });
    t.equal(index.get('plans/A-1.md'), undefined);

    index.clear();
    t.equal(index.at(), null);
    t.strictSame(index.list(), []);
    t.equal(index.generation(one), undefined);
  });

  await t.test('versions do not depend on the order in which history is read', async (t) => {
    const { index } = newStore(t).store;
    const history = fc.uniqueArray(fc.tuple(anOid, fc.integer({ min: 1, max: 4 }), fc.constantFrom('A-1', 'B-1')), {
      minLength: 1,
      maxLength: 12,
      selector: ([commit]) => commit,
    });
    const orders = history.chain((changes) =>
      fc.tuple(
        fc.constant(changes),
        fc.shuffledSubarray(changes, { minLength: changes.length }),
        fc.nat(changes.length),
      ),
    );
    fc.assert(
      fc.property(orders, ([changes, shuffled, cut]) => {
        index.clear();
        index.apply({ ...step, written: [row('plans/A-1.md', 'A-1'), row('plans/B-1.md', 'B-1')] });
        for (const part of [shuffled.slice(0, cut), shuffled.slice(cut)]) {
          index.apply({ ...step, changes: part.map(([commit, generation, id]) => change(id, generation, commit)) });
        }
        const expected = ['A-1', 'B-1'].flatMap((id) => {
          const own = changes.filter((each) => each[2] === id).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
          return own.length > 0 ? [[id, own.length, own.at(-1)![0]]] : [];
        });
        deepStrictEqual(
          index.list().map(({ id, version, commit }) => [id, version, commit]),
          expected,
        );
      }),
    );
    t.pass('any history in any order');
  });
});

t.test('what the store knows besides', async (t) => {
  const { store } = newStore(t);

  await t.test('actors: own ones are found by name and mail, and stay own', async (t) => {
    const ada = { id: 'ada-1', name: 'Ada', email: 'ada@example.org' };
    const bob = { id: 'bob-1', name: 'Bob', email: 'bob@example.org' };
    store.actors.putOwn(ada);
    store.actors.put(bob);
    t.strictSame(store.actors.findOwn('Ada', 'ada@example.org'), ada);
    t.equal(store.actors.findOwn('Bob', 'bob@example.org'), undefined, "another's actor is not ours");
    t.strictSame(store.actors.list(), [ada, bob]);
    store.actors.put({ ...ada, name: 'Ada L.' });
    t.strictSame(store.actors.findOwn('Ada L.', 'ada@example.org'), { ...ada, name: 'Ada L.' });
    t.equal(store.actors.get('nobody'), undefined);
  });

  await t.test('settings', async (t) => {
    t.equal(store.settings.get('remote.origin.sequence'), undefined);
    store.settings.set('remote.origin.sequence', '7');
    store.settings.set('remote.origin.sequence', '8');
    t.equal(store.settings.get('remote.origin.sequence'), '8');
    store.settings.unset('remote.origin.sequence');
    t.equal(store.settings.get('remote.origin.sequence'), undefined);
  });

  await t.test('stats, with every bit of a 64-bit inode', async (t) => {
    const stat = {
      oid: 'ab'.repeat(20),
      size: 3,
      mtimeNs: 1_700_000_000_123_456_789n,
      ctimeNs: 0n,
      ino: 2n ** 64n - 1n,
    };
    store.stats.save(
      new Map([
        ['a.md', stat],
        ['b.md', stat],
      ]),
    );
    store.stats.save(
      new Map([
        ['a.md', { ...stat, size: 4 }],
        ['b.md', null],
      ]),
    );
    t.strictSame(store.stats.load(), new Map([['a.md', { ...stat, size: 4 }]]));
  });
});
