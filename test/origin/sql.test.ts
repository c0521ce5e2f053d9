import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { chainEnd, verifyErasures } from '../../lib/core/erasure/erasure-chain.js';
import { SyncError } from '../../lib/core/errors.js';
import { treeGauge } from '../../lib/core/graph/measure-tree.js';
import { hashObject } from '../../lib/core/object/oid.js';
import { foldName } from '../../lib/core/object/portable-name.js';
import { references } from '../../lib/core/object/read.js';
import { encodeTree, type FileMode, type TreeEntry } from '../../lib/core/object/tree.js';
import { verifyObject } from '../../lib/core/object/verify.js';
import type { GitObject, IdentifiedObject, Remote } from '../../lib/core/ports.js';
import { commitBody, commitOf, identified, MAIN, pushOf } from '../../lib/origin/contract/specimens.js';
import { fetchAll, isEmpty, oids, refused } from '../../lib/origin/contract/steps.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { encodePack } from '../../lib/origin/supabase/pack.js';
import { withEmbeddedOrigin } from './with-origin.js';

const origin = await withEmbeddedOrigin(t);
const { url, key } = origin;
const ada = await origin.addUser('ada');
const ben = await origin.addUser('ben');
const eve = await origin.addUser('eve');
type User = typeof ada;

const remoteOf = (user: User, project: string): Remote =>
  supabaseRemote({ url, key, accessToken: user.token, project });

/** A project of Ada's in which Ben writes, and Eve has no part. */
async function sharedProject(): Promise<{ name: string; adas: Remote; bens: Remote }> {
  const name = `shared-${randomUUID()}`;
  const adas = remoteOf(ada, name);
  await adas.register();
  await adas.setMember(ben.userId, 'writer');
  return { name, adas, bens: remoteOf(ben, name) };
}

/** What PostgREST answers a user, or nobody, who asks past the client. */
async function ask(
  user: User | undefined,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { 'Accept-Profile': 'agent_sync', 'Content-Profile': 'agent_sync', ...(init.headers as object) };
  const token = user ? { Authorization: `Bearer ${user.token}` } : {};
  const response = await fetch(`${url}/rest/v1/${path}`, { ...init, headers: { ...headers, ...token, apikey: key } });
  return { status: response.status, body: JSON.parse((await response.text()) || 'null') };
}

function upload(user: User, name: string, header: Record<string, unknown>, objects: readonly IdentifiedObject[] = []) {
  const headers = { 'Content-Type': 'application/octet-stream' };
  return ask(user, `rpc/${name}`, { method: 'POST', headers, body: encodePack(header, objects) as never });
}

t.test('what the tables themselves forbid', async (t) => {
  const { adas } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  await adas.push(pushOf(commit, null));
  const rows: [string, string, string][] = [
    [
      'a row whose contents have another id',
      `insert into agent_sync.objects select project, '\\x${'00'.repeat(20)}', 'blob', 'x', 999 from agent_sync.objects limit 1`,
      '23514',
    ],
    [
      'an object of an unknown type',
      `insert into agent_sync.objects select project, extensions.digest('tag 1'::bytea || '\\x00'::bytea || 'x', 'sha1'), 'tag', 'x', 999 from agent_sync.objects limit 1`,
      '23514',
    ],
    [
      'an erased row that holds anything but a tombstone',
      `insert into agent_sync.objects select project, '\\x${'00'.repeat(20)}', 'blob', 'x', 999, 1 from agent_sync.objects limit 1`,
      '23514',
    ],
    [
      'an erased tree',
      `insert into agent_sync.objects select project, oid, 'tree', agent_sync.tombstone(oid), 999, 1 from agent_sync.objects limit 1`,
      '23514',
    ],
    ['a change of an object', `update agent_sync.objects set type = type`, 'P0001'],
    ['a change of a receipt', `update agent_sync.push_receipts set answer = answer`, 'P0001'],
    ['a change of the audit', `update agent_sync.audit set action = action`, 'P0001'],
    ['a ref to what is not there', `update agent_sync.refs set oid = '\\x${'00'.repeat(20)}'`, '23503'],
  ];
  for (const [sentence, statement, code] of rows) {
    await t.rejects(origin.sql(statement), { code }, `${sentence} is refused even to the superuser`);
  }
});

t.test('whoever loses the role while waiting for the project comes too late', async () => {
  const { name, adas, bens } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  const isTrue = async (condition: string) => {
    for (let found = false; !found; )
      found = (await origin.sql<{ found: boolean }>(`select ${condition} as found`))[0]!.found;
  };
  // In a session of its own: takes the project, and takes the role as soon as somebody waits.
  const taken = origin.sql(`do $$ begin
    perform from agent_sync.projects where name = '${name}' for update;
    perform pg_advisory_xact_lock(20261130);
    while not exists (select from pg_locks where not granted and locktype = 'transactionid') loop
      perform pg_sleep(0.01);
    end loop;
    delete from agent_sync.members where user_id = '${ben.userId}'
      and project = (select id from agent_sync.projects where name = '${name}');
  end $$`);
  await isTrue(`exists (select from pg_locks where locktype = 'advisory' and objid = 20261130)`);
  await refused(bens.push(pushOf(commit, null)), 'ORIGIN_REFUSED');
  await taken;
  await isEmpty(adas);
});

t.test('purges at once, and a push of what they erase', async (t) => {
  const { name, adas, bens } = await sharedProject();
  const first = commitOf({ 'INFRA-001-first.md': 'to be erased\n' });
  const text = first.objects[0]!;
  const [pushed] = await Promise.all([
    bens.push(pushOf(first, null)).then(
      () => 'accepted',
      (error: SyncError) => error.code,
    ),
    ...Array.from({ length: 8 }, (_, i) => adas.purge({ actors: [`actor-${i}`], blobs: i === 4 ? [text.oid] : [] })),
  ]);
  t.ok(['accepted', 'OBJECT_ERASED'].includes(pushed), pushed);
  const { anchor, count } = (await adas.describe()).erasures!;
  t.equal(count, 8, 'each has a record of its own');
  t.equal(
    verifyErasures(chainEnd(anchor, undefined), await adas.erasures(0)).length,
    8,
    'signed with a key of its own',
  );
  const bodies = await origin.sql<{ body: Buffer }>(
    `select o.body from agent_sync.objects o join agent_sync.projects p on p.id = o.project where p.name = $1 and o.oid = $2`,
    [name, Buffer.from(text.oid, 'hex')],
  );
  t.same(
    bodies.map(({ body }) => body.toString()),
    [`[erased] ${text.oid}\n`],
  );
});

t.test('a stranger cannot tell a project that exists from one that does not', async (t) => {
  const { name } = await sharedProject();
  const told = async (project: string) => {
    const remote = remoteOf(eve, project);
    const calls = [remote.describe(), remote.fetch(0), remote.members(), remote.setMember(eve.userId, 'owner')];
    const push = remote.push({ id: randomUUID(), edits: [], objects: [], actors: [] });
    const id = remote.issueId({ id: randomUUID(), kind: 'plan', want: { next: 'A', floor: 0 } });
    const errors = await Promise.all(
      [...calls, push, id].map((call) =>
        call.then(
          () => undefined,
          (error: SyncError) => error,
        ),
      ),
    );
    return errors.map((error) => `${error?.code} ${error?.message.replaceAll(project, '…')}`);
  };
  t.same(await told(name), await told(`missing-${randomUUID()}`));
});

t.test('one project does not complete, show or move another', async () => {
  const { adas } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  await adas.push(pushOf(commit, null));
  const eves = remoteOf(eve, `eves-${randomUUID()}`);
  await eves.register();
  await refused(eves.push({ ...pushOf(commit, null), objects: [] }), 'OBJECT_NOT_FOUND');
  const child = commitOf({ 'INFRA-001-first.md': 'two\n' }, [commit.oid]);
  await refused(eves.push(pushOf(child, null)), 'OBJECT_NOT_FOUND');
  await isEmpty(eves);
});

t.test('parts of a push under way', async (t) => {
  const { name, adas, bens } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  const push = randomUUID();
  const edits = [{ name: MAIN, expected: null, target: commit.oid }];
  const staged = commit.objects.slice(0, 3);
  const last = commit.objects.slice(3);
  const ending = { project: name, push, edits, actors: [], chunks: 1 };

  const stage = (objects: readonly IdentifiedObject[]) =>
    upload(ada, 'push_chunk', { project: name, push, chunk: 0 }, objects);
  t.match(await stage(last), { status: 200, body: true });
  t.match(await stage(staged), { status: 200, body: true }, 'a part sent again replaces the first');
  await isEmpty(bens); // Nobody sees a part.
  t.match(await upload(ben, 'push', ending, last), { body: { code: 'PT409' } }, 'nobody else completes it');
  t.match(
    await upload(ada, 'push', { ...ending, chunks: 2 }, last),
    { body: { code: 'PT409' } },
    'nothing is left out',
  );
  t.match(
    await upload(eve, 'push_chunk', { project: name, push, chunk: 0 }),
    { body: { code: 'PT403' } },
    'a stranger leaves none',
  );
  await adas.setMember(eve.userId, 'reader');
  const asReader = await upload(eve, 'push_chunk', { project: name, push, chunk: 0 });
  t.match(asReader, { body: { code: 'PT403' } }, 'nor does a reader');
  t.match(
    await upload(ada, 'push_chunk', { project: name, push, chunk: 256 }),
    { body: { code: 'PT422' } },
    'there is a limit',
  );
  t.match(await upload(ada, 'push', ending, last), { body: { status: 'accepted' } }, 'the pusher completes it');
  t.same(oids(await fetchAll(adas, 0)), oids(commit.objects), 'and all of it is there');
  const left = () => origin.sql(`select from agent_sync.push_chunks where push = $1`, [push]);
  t.equal((await left()).length, 0, 'the parts are gone');
  await stage(staged);
  t.match(await upload(ada, 'push', ending, last), { body: { status: 'accepted' } }, 'the push may be sent again');
  t.equal((await adas.describe()).sequence, commit.objects.length, 'and counts once');
  t.equal((await left()).length, 0, 'and leaves no parts either');
});

t.test('parts of pushes that were given up', async (t) => {
  const [givenUp, slow, fresh] = [randomUUID(), randomUUID(), randomUUID()];
  const { name } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  const stage = (push: string, chunk: number, user = ada) =>
    upload(user, 'push_chunk', { project: name, push, chunk }, commit.objects.slice(0, 3));
  const age = (push: string, hours: number, chunk = 0) =>
    origin.sql(
      `update agent_sync.push_chunks set received_at = now() - make_interval(hours => $2) where push = $1 and chunk = $3`,
      [push, hours, chunk],
    );
  const left = async () => {
    const rows = await origin.sql<{ push: string; chunks: string }>(
      `select push, string_agg(chunk::text, ' ' order by chunk) as chunks from agent_sync.push_chunks group by push`,
    );
    const ours = rows.filter(({ push }) => ([givenUp, slow, fresh] as string[]).includes(push));
    return Object.fromEntries(ours.map(({ push, chunks }) => [push, chunks]));
  };
  const prepare = async () => {
    await Promise.all([stage(givenUp, 0), stage(givenUp, 1), stage(slow, 0), stage(slow, 1), stage(fresh, 0, ben)]);
    await Promise.all([age(givenUp, 26), age(givenUp, 25, 1), age(slow, 30)]);
  };
  const others = { [slow]: '0 1', [fresh]: '0' };

  await prepare();
  const [swept] = await origin.sql<{ sweep: string }>('select agent_sync.sweep()');
  t.equal(Number(swept?.sweep), 2, 'an operator sweeps them, where nobody pushes any more');
  t.same(await left(), others, 'a push that is still sending keeps its oldest part too');

  await prepare();
  const elsewhere = await sharedProject();
  await elsewhere.adas.push(pushOf(commit, null));
  t.same(await left(), others, 'a push to any project sweeps them');

  await prepare();
  await stage(givenUp, 1);
  t.same(await left(), { ...others, [givenUp]: '1' }, 'and so does a part of a push, before it is kept');

  await stage(slow, 0);
  await age(slow, 30, 1);
  await origin.sql('select agent_sync.sweep()');
  t.match(await left(), { [slow]: '0 1' }, 'a part that is sent again counts from then');

  const edits = [{ name: MAIN, expected: null, target: commit.oid }];
  const ending = { project: name, push: slow, edits, actors: [], chunks: 2 };
  await Promise.all([age(slow, 30), age(slow, 30, 1)]);
  const completed = origin.sql('select agent_sync.sweep()').then(() => upload(ada, 'push', ending, commit.objects));
  t.match(
    await completed,
    { body: { code: 'PT409' } },
    'one that comes back after it was swept is asked to push again',
  );
  await stage(slow, 0);
  await stage(slow, 1);
  t.match(await upload(ada, 'push', ending, commit.objects), { body: { status: 'accepted' } }, 'and then gets through');
  for (const user of [ada, undefined]) {
    t.match(
      await ask(user, 'rpc/sweep', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }),
      {
        body: { code: '42501' },
      },
      'no user sweeps',
    );
  }
});

t.test('packs that are not what they say', async (t) => {
  const { name, adas } = await sharedProject();
  const blob = identified('blob', Buffer.from('text'));
  const list = (entry: object) => ({ project: name, push: randomUUID(), edits: [], actors: [], chunks: 0, ...entry });
  const send = (text: string) => {
    return ask(ada, 'rpc/push', {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: text,
    });
  };
  const entry = { oid: blob.oid, type: 'blob', size: 4 };
  const rows: [string, string, string][] = [
    ['no line', 'PT422', 'text'],
    ['a line that is no JSON', 'PT422', '{"project":\n'],
    ['nothing at all', 'PT422', ''],
    ['fewer bytes than listed', 'PT422', `${JSON.stringify(list({ objects: [entry] }))}\ntex`],
    ['more bytes than listed', 'PT422', `${JSON.stringify(list({ objects: [entry] }))}\ntexts`],
    [
      'sizes that cancel out',
      'PT422',
      `${JSON.stringify(
        list({
          objects: [
            { ...entry, size: -1 },
            { ...entry, size: 5 },
          ],
        }),
      )}\ntext`,
    ],
    ['an id that is none', 'PT422', `${JSON.stringify(list({ objects: [{ ...entry, oid: 'HEAD' }] }))}\ntext`],
    ['no type', 'PT422', `${JSON.stringify(list({ objects: [{ ...entry, type: undefined }] }))}\ntext`],
    ['a type that git has not', 'PT422', `${JSON.stringify(list({ objects: [{ ...entry, type: 'note' }] }))}\ntext`],
    ['more than 4 MiB', 'PT413', `${JSON.stringify(list({ objects: [] }))}\n${'x'.repeat(4 * 1024 * 1024)}`],
  ];
  for (const [sentence, code, text] of rows) t.match((await send(text)).body, { code }, `${sentence} is refused`);
  await isEmpty(adas);
  t.match(
    (await send(`${JSON.stringify(list({ objects: [entry] }))}\ntext`)).body,
    { status: 'accepted' },
    'a good one is taken',
  );
});

t.test('Postgres reads trees and commits exactly as the client does', async (t) => {
  await origin.sql(`
    create function public.verdict(type text, body bytea) returns text language plpgsql as $$
    declare
      answer text;
    begin
      select coalesce(string_agg(target_type || ' ' || encode(target, 'hex'), e'\\n'), '') into answer
        from agent_sync.object_references(type, body);
      return answer;
    exception when sqlstate 'PT422' then
      get stacked diagnostics answer = pg_exception_detail;
      return answer;
    end $$`);
  const byPostgres = async (objects: readonly GitObject[]): Promise<string[]> => {
    const rows = await origin.sql<{ verdict: string }>(
      `select public.verdict(type, body) from unnest($1::text[], $2::bytea[]) with ordinality o (type, body, place) order by place`,
      [objects.map(({ type }) => type), objects.map(({ body }) => Buffer.from(body))],
    );
    return rows.map(({ verdict }) => verdict);
  };
  const byClient = (object: GitObject): string => {
    try {
      verifyObject({ ...object, oid: hashObject(object.type, object.body) });
      return references(object)
        .map(({ oid, type }) => `${type} ${oid}`)
        .join('\n');
    } catch (error) {
      if (error instanceof SyncError) return error.code;
      throw error;
    }
  };
  const mode = fc.constantFrom<FileMode>('100644', '100755', '120000', '160000', '40000');
  const name = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      ...[
        'a',
        'a-b',
        'a.md',
        'ab',
        'a0',
        '.git',
        '.GIT',
        '.git.',
        '.git:x',
        '.gi\u200ct',
        '\u200c.git',
        'git~1',
        'GIT~1 ',
      ],
      ...[
        'git~2',
        '.gitignore',
        '.gitmodules',
        'GITMOD~1',
        'gi7eba~1',
        '.git\u200dmodules',
        '..',
        ' ',
        'ä',
        'a\u0308',
        'Ä',
      ],
      ...[
        '\u{1f600}',
        '\ufffd',
        '\u0085',
        'A',
        'A.md',
        'a\u200d',
        'ſ',
        's',
        'ς',
        'σ',
        'Σ',
        'ﬁ',
        'İ',
        'ı',
        'i',
        'I',
        'ẞ',
        'ß',
      ],
      ...[
        'con',
        'CON.md',
        'nul .x',
        'aux',
        'prn.',
        'com1',
        'COM\u00b9.txt',
        'com',
        'lpt0',
        'lptx',
        'conin$',
        'clock$',
        'c:',
        'a:b',
      ],
      ...['end.', 'end ', ' start', 'n'.repeat(255), 'N'.repeat(255)],
      'ü'.repeat(128),
    ),
  );
  const entry: fc.Arbitrary<TreeEntry> = fc.record({
    name,
    mode,
    oid: fc.nat(40).map((n) => (n === 0 ? '0'.repeat(40) : hashObject('blob', Buffer.from(`${n}`)))),
  });
  const tree = fc.array(entry, { maxLength: 12 }).map((entries) => encodeTree(entries));
  const commit = fc
    .tuple(fc.array(fc.constantFrom('1'.repeat(40), 'f'.repeat(40)), { maxLength: 3 }), fc.constant('2'.repeat(40)))
    .map(([parents, root]) => commitBody(root, parents));
  const damage = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 0x0a, 0x20, 0x2f, 0x31, 0x41, 0x7f, 0xc3, 0xff) });
  const whole = fc.oneof(
    tree.map((body): GitObject => ({ type: 'tree', body })),
    commit.map((body): GitObject => ({ type: 'commit', body })),
  );
  const object = fc
    .tuple(whole, fc.array(damage, { maxLength: 2 }), fc.nat(400))
    .map(([{ type, body }, damages, cut]) => {
      const damaged = Uint8Array.from(body);
      for (const { at, byte } of damages) if (body.length > 0) damaged[at % body.length] = byte;
      return { type, body: cut < body.length && cut % 3 === 0 ? damaged.subarray(0, cut) : damaged };
    });
  const parents = (count: number) => ({
    type: 'commit' as const,
    body: commitBody('2'.repeat(40), Array(count).fill('1'.repeat(40))),
  });
  const dated = (time: string) => {
    const body = Buffer.from(commitBody('2'.repeat(40), []));
    return { type: 'commit' as const, body: Buffer.from(`${body}`.replaceAll(' 1700000000 ', ` ${time} `)) };
  };
  const edges: GitObject[] = [parents(64), parents(65), parents(10_000), dated('999999999999'), dated('1000000000000')];
  assert.deepEqual(await byPostgres(edges), edges.map(byClient));
  const verdicts = { refused: 0, read: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(object, { minLength: 20, maxLength: 20 }), async (objects) => {
      const expected = objects.map(byClient);
      for (const verdict of expected) verdicts[verdict === 'OBJECT_MALFORMED' ? 'refused' : 'read']++;
      assert.deepEqual(await byPostgres(objects), expected);
    }),
    { numRuns: 25 },
  );
  t.ok(verdicts.refused > 50 && verdicts.read > 50, 'both verdicts were tried');
});

t.test('Postgres takes two names for one exactly where the client does', async (t) => {
  const letters = Array.from({ length: 0xffff }, (_, i) => String.fromCharCode(i + 1)).filter(
    (letter) => !/\p{Surrogate}/u.test(letter),
  );
  // With an accent, which may compose with the letter, and others around it.
  for (const [what, around] of [
    ['alone', (letter: string) => letter],
    ['in a word', (letter: string) => `Ä${letter}\u0301\u0323σ`],
  ] as const) {
    const names = letters.map(around);
    const rows = await origin.sql<{ folded: string; known: boolean }>(
      `select agent_sync.fold_name(name) as folded, unicode_assigned(name) as known from unnest($1::text[]) with ordinality n (name, place) order by place`,
      [names],
    );
    // Where accents go that only one of the two has heard of yet is nobody's name.
    const differ = names.filter((name, i) => rows[i]!.known && foldName(name) !== rows[i]!.folded);
    t.strictSame(differ, [], `${rows.filter(({ known }) => known).length} letters ${what}`);
  }
});

t.test('a tree of 5,000 files', async (t) => {
  const { adas } = await sharedProject();
  const commit = commitOf(
    Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`INFRA-${10_000 + i}-file.md`, `${i}\n`])),
  );
  t.equal((await adas.push(pushOf(commit, null))).status, 'accepted');
  t.same(oids(await fetchAll(adas, 0)), oids(commit.objects));
});

t.test('whoever follows the sequence misses nothing while others push', async (t) => {
  const { adas, bens } = await sharedProject();
  const seen: IdentifiedObject[] = [];
  let pushing = true;
  const follow = async () => {
    for (let after = 0, more = true; more || pushing; ) {
      const page = await adas.fetch(after);
      seen.push(...page.objects);
      after = page.sequence;
      more = page.more;
    }
    seen.push(...(await fetchAll(adas, Math.max(0, seen.length))));
  };
  const pushes = Array.from({ length: 30 }, (_, i) => {
    const commit = commitOf({ [`INFRA-${i}-file.md`]: `${i}\n` });
    const edits = [{ name: `refs/heads/branch-${i}`, expected: null, target: commit.oid }];
    return { commit, request: { ...pushOf(commit, null), edits } };
  });
  const following = follow();
  const answers = await Promise.all(pushes.map(({ request }, i) => (i % 2 ? adas : bens).push(request)));
  pushing = false;
  await following;
  t.ok(answers.every((answer) => answer.status === 'accepted'));
  t.same(oids(seen), oids(pushes.flatMap(({ commit }) => commit.objects)), 'each object came once');
  t.equal((await adas.describe()).sequence, seen.length, 'the sequence has no gaps');
});

t.test('two owners who remove each other at once leave one', async (t) => {
  const { adas, bens } = await sharedProject();
  for (let round = 0; round < 5; round++) {
    await adas.setMember(ben.userId, 'owner').catch(() => bens.setMember(ada.userId, 'owner'));
    const removals = await Promise.allSettled([adas.setMember(ben.userId, null), bens.setMember(ada.userId, null)]);
    t.equal(removals.filter(({ status }) => status === 'fulfilled').length, 1, 'one of them is removed');
  }
});

t.test('every write leaves its trace', async (t) => {
  const { name, adas, bens } = await sharedProject();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  await bens.push(pushOf(commit, null));
  await bens.push(pushOf(commit, null));
  await bens.issueId({ id: randomUUID(), kind: 'story', want: { next: 'INFRA', floor: 0 } });
  await adas.fetch(0);
  await adas.fetch(commit.objects.length);
  await adas.setMember(ben.userId, null);
  const trace = await origin.sql<{ user_id: string; action: string; result: string }>(
    `select p.user_id, a.action, a.result from agent_sync.audit a
      join agent_sync.pseudonyms p on p.project = a.project and p.pseudonym = a.actor
      where a.project = (select id from agent_sync.projects where name = $1) order by a.number`,
    [name],
  );
  const who = new Map([
    [ada.userId, 'ada'],
    [ben.userId, 'ben'],
  ]);
  t.same(
    trace.map(({ user_id, action, result }) => `${who.get(user_id)} ${action} ${result}`),
    [
      'ada register done',
      'ada member done',
      'ben push accepted',
      'ben push rejected',
      'ben issue-id done',
      'ada fetch done',
      'ada member done',
    ],
  );
});

t.test('the origin takes the trees that clients take, by their size', async (t) => {
  const { name } = await sharedProject();
  const here = new Map<string, GitObject>();
  const reader = { has: (oid: string) => here.has(oid), read: (oid: string) => here.get(oid)! };
  const known: IdentifiedObject[] = [identified('tree', new Uint8Array())];
  const verdicts = { taken: 0, refused: 0 };
  const folder = fc.record({ child: fc.nat(), times: fc.constantFrom(1, 1, 1, 2, 40, 900) });
  const tree = fc.array(folder, { minLength: 1, maxLength: 3 });
  await fc.assert(
    // Each builds on what was taken before: some of what it names is in the same push, some is there already.
    fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 12 }), fc.boolean(), async (trees, upside) => {
      const sent: IdentifiedObject[] = [];
      for (const folders of trees) {
        const all = [...known, ...sent];
        const entries = folders.flatMap(({ child, times }, place) => {
          // The last ones most often, or nothing would ever be deep.
          const { oid } = all[Math.max(0, all.length - 1 - (child % 4))]!;
          return Array.from({ length: times }, (_, i) => ({
            name: `f${1_000_000 * (place + 1) + i}`,
            mode: '40000' as const,
            oid,
          }));
        });
        sent.push(identified('tree', encodeTree(entries)));
      }
      for (const object of [...known, ...sent]) here.set(object.oid, object);
      const gauge = treeGauge(reader);
      const expected = sent.every(({ oid }) => {
        try {
          gauge(oid);
          return true;
        } catch (error) {
          assert.equal((error as SyncError).code, 'PATH_UNSAFE');
          return false;
        }
      });
      const header = { project: name, push: randomUUID(), chunks: 0, edits: [], actors: [] };
      const { status, body } = await upload(ada, 'push', header, upside ? sent.toReversed() : sent);
      assert.equal(status, expected ? 200 : 422, JSON.stringify(body));
      if (!expected) assert.equal((body as { details: string }).details, 'PATH_UNSAFE');
      if (expected) known.push(...sent);
      verdicts[expected ? 'taken' : 'refused']++;
    }),
    // By chance alone both verdicts would not always come up often enough.
    { numRuns: 40, seed: 1 },
  );
  t.ok(verdicts.taken > 3 && verdicts.refused > 3, JSON.stringify(verdicts));
});
