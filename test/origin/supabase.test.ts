import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import t from 'tap';
import type { ErrorCode, SyncError } from '../../lib/core/errors.js';
import { hashObject } from '../../lib/core/object/oid.js';
import { equalBytes } from '../../lib/core/object/text.js';
import type { IdentifiedObject, ObjectType, PushRequest, Remote } from '../../lib/core/ports.js';
import type { ContractUser } from '../../lib/origin/contract/row.js';
import { ACTOR, commitOf, filler, MAIN, pushOf } from '../../lib/origin/contract/specimens.js';
import { remoteContract } from '../../lib/origin/contract.js';
import { signToken } from '../../lib/origin/embedded/keys.js';
import { INDEX_BYTES, planChunks } from '../../lib/origin/supabase/chunks.js';
import { type SupabaseRemoteOptions, supabaseRemote } from '../../lib/origin/supabase/client.js';
import { decodePack, encodePack } from '../../lib/origin/supabase/pack.js';
import { originDirectory, withEmbeddedOrigin } from './with-origin.js';

const PEOPLE: readonly ContractUser[] = ['owner', 'writer', 'reader', 'stranger'];

const directory = originDirectory(t);
const origin = await withEmbeddedOrigin(t, { directory });
const users = new Map(await Promise.all(PEOPLE.map(async (name) => [name, await origin.addUser(name)] as const)));
const userIds = Object.fromEntries(PEOPLE.map((name) => [name, users.get(name)!.userId])) as Record<
  ContractUser,
  string
>;
const { url, key } = origin;
const accessToken = users.get('owner')!.token;

let projects = 0;
const freshProject = () => `project-${++projects}`;

remoteContract(
  t,
  'supabase',
  async () => {
    const project = freshProject();
    return {
      remote: async (user) => supabaseRemote({ url, key, accessToken: users.get(user)!.token, project }),
      close: async () => {},
    };
  },
  userIds,
);

t.test('keys and tokens', async (t) => {
  const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
  const rows: [string, Partial<SupabaseRemoteOptions & { accessToken: string }>, ErrorCode | 'registered'][] = [
    ['a publishable key with a token is let in', {}, 'registered'],
    ['a legacy anon key with a token is let in', { key: origin.legacyKey }, 'registered'],
    ['a token with a forged signature is refused', { accessToken: forged }, 'ORIGIN_REFUSED'],
    ['a token of yesterday has expired', { accessToken: await tokenOfYesterday() }, 'LOGIN_EXPIRED'],
    ['a token that is none is refused', { accessToken: 'secret-that-is-no-token' }, 'ORIGIN_REFUSED'],
    ['an unknown key is refused', { key: 'sb_publishable_secret-of-another' }, 'ORIGIN_REFUSED'],
    ['a schema that is not exposed is a matter of set-up', { schema: 'secret_schema' }, 'ORIGIN_MISCONFIGURED'],
    ['a schema without the functions is a matter of set-up', { schema: 'public' }, 'ORIGIN_MISCONFIGURED'],
    ['a key of two lines is no key', { key: `${key}\nsecret` }, 'CONFIG_INVALID'],
    ['a token that is not ASCII is no token', { accessToken: 'secret-\u2026' }, 'CONFIG_INVALID'],
    ['a URL of another protocol is no URL', { url: 'ftp://example.org' }, 'CONFIG_INVALID'],
    ['a URL with a password is not taken', { url: 'https://me:secret@example.org' }, 'CONFIG_INVALID'],
  ];
  for (const [sentence, options, expected] of rows) {
    const all = { url, key, accessToken, project: freshProject(), ...options };
    const answer = await outcome(async () => supabaseRemote(all).register());
    t.equal(answer.code ?? 'registered', expected, sentence);
    const secrets = ['secret', all.key, all.accessToken];
    t.notOk(
      secrets.some((secret) => answer.text.includes(secret)),
      `${sentence}; no secret is told`,
    );
  }
  for (const legacy of [key, origin.legacyKey]) {
    const anonymous = supabaseRemote({ url, key: legacy, project: freshProject() });
    t.equal(
      (await outcome(() => anonymous.register())).code,
      'ORIGIN_REFUSED',
      'a key without a token does not let in',
    );
  }
});

async function tokenOfYesterday(): Promise<string> {
  const { jwtSecret } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'));
  const claims = { sub: users.get('owner')!.userId, role: 'authenticated', aud: 'authenticated' };
  return signToken(await import('jose'), jwtSecret, claims, '-1d');
}

t.test('an origin that does not behave', async (t) => {
  const json = (status: number, value: unknown): RequestListener => {
    return (_, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const html = (status: number): RequestListener => {
    return (_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Proxy</h1>\x1b[2J');
  };
  const rows: [string, RequestListener, ErrorCode][] = [
    ['a page of HTML is no answer', html(200), 'ORIGIN_ANSWER_INVALID'],
    ['an empty object is no answer', json(200, {}), 'ORIGIN_ANSWER_INVALID'],
    ['null is no answer', json(200, null), 'ORIGIN_ANSWER_INVALID'],
    ['an error page of a proxy is a failure', html(502), 'ORIGIN_FAILED'],
    ['a timeout of a statement is being busy', json(500, { code: '57014', message: 'canceling' }), 'ORIGIN_BUSY'],
    ['no connection to its database is being busy', json(503, { code: 'PGRST000' }), 'ORIGIN_BUSY'],
    ['too many requests is being busy', json(429, { message: 'slow down' }), 'ORIGIN_BUSY'],
    ['a gateway that waited in vain is being busy', html(504), 'ORIGIN_BUSY'],
    ['a request that a proxy forbids is not valid', html(405), 'REQUEST_INVALID'],
    ['a value that its database cannot read is not valid', json(400, { code: '22P02' }), 'REQUEST_INVALID'],
    ['two at once where one can be is a failure', json(409, { code: '23505' }), 'ORIGIN_FAILED'],
    ['an expired token is told apart', json(401, { code: 'PGRST301', message: 'JWT expired' }), 'LOGIN_EXPIRED'],
    ['so it is by later ones', json(401, { code: 'PGRST303', message: 'JWT expired' }), 'LOGIN_EXPIRED'],
    ['a token that is none is refused', json(401, { code: 'PGRST301', message: 'JWSError' }), 'ORIGIN_REFUSED'],
    ['a page not found is a matter of set-up', html(404), 'ORIGIN_MISCONFIGURED'],
    ['nothing found is a matter of set-up', (_, response) => response.writeHead(404).end(), 'ORIGIN_MISCONFIGURED'],
    [
      'a missing function is a matter of set-up',
      json(404, { code: 'PGRST202', message: 'no' }),
      'ORIGIN_MISCONFIGURED',
    ],
    ['another address is a matter of set-up', redirect(url), 'ORIGIN_MISCONFIGURED'],
    [
      'a refusal keeps its code',
      json(422, { code: 'PT422', details: 'OBJECT_MALFORMED', message: 'a\x1b[2Jb' }),
      'OBJECT_MALFORMED',
    ],
    [
      'a refusal of an unknown sort is one of what was sent',
      json(422, { code: 'PT422', details: 'constructor' }),
      'REQUEST_INVALID',
    ],
    ['a connection that breaks is no answer', (_, response) => void response.destroy(), 'ORIGIN_UNREACHABLE'],
    [
      'half an answer is no answer',
      (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('{'),
      'ORIGIN_UNREACHABLE',
    ],
    ['silence is no answer', () => {}, 'ORIGIN_UNREACHABLE'],
    [
      'an answer of 10 GB is no answer, and is not waited for',
      (_, response) => void response.writeHead(200, { 'content-length': 1e10 }).flushHeaders(),
      'ORIGIN_ANSWER_INVALID',
    ],
  ];
  for (const [sentence, listener, expected] of rows) {
    const remote = await fakeOrigin(t, listener, 100);
    for (const [name, ask] of Object.entries(callsOf(remote))) {
      const { code, text } = await outcome(ask);
      t.equal(code, expected, `${name}: ${sentence}`);
      t.notMatch(text, /\p{Cc}|secret/u, `${name}: ${sentence}; and is told without control characters or secrets`);
    }
  }

  const endless = await fakeOrigin(t, (_, response) => void Readable.from(forEver()).pipe(response));
  for (const [name, ask] of Object.entries(callsOf(endless))) {
    t.equal(
      (await outcome(ask)).code,
      'ORIGIN_ANSWER_INVALID',
      `${name}: an answer without end is not read to its end`,
    );
  }

  const nobody = supabaseRemote({ url: `http://127.0.0.1:${await closedPort()}`, key: 'secret', project: 'p' });
  for (const [name, ask] of Object.entries(callsOf(nobody))) {
    const { code, text } = await outcome(ask);
    t.equal(code, 'ORIGIN_UNREACHABLE', `${name}: nobody listens`);
    t.match(text, 'ECONNREFUSED', `${name}: the reason is told`);
  }
});

t.test('how long a busy origin wants to be left alone', async (t) => {
  const now = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const rows: [string, Record<string, string>, number | undefined][] = [
    ['seconds are taken as they are', { 'retry-after': '120' }, 120],
    [
      'a date is compared with the clock of the origin',
      { 'retry-after': 'Sun, 06 Nov 1994 08:50:00 GMT', date: now },
      23,
    ],
    ['a date gone by is now', { 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT', date: now }, 0],
    ['what is neither says nothing', { 'retry-after': 'soon' }, undefined],
    ['a number without end says nothing', { 'retry-after': '9'.repeat(400) }, undefined],
    ['nothing says nothing', {}, undefined],
  ];
  for (const [sentence, headers, retryAfter] of rows) {
    const remote = await fakeOrigin(t, (_, response) => void response.writeHead(429, headers).end(), 1000);
    await t.rejects(remote.describe(), { code: 'ORIGIN_BUSY', retryAfter }, sentence);
  }
});

t.test('answers that are not what was asked for', async (t) => {
  const oid = 'a'.repeat(40);
  const page = (header: unknown, bodies = '') => `${JSON.stringify(header)}\n${bodies}`;
  const blob = { oid, type: 'blob', size: 2 };
  const state = { refs: {}, sequence: 0, actors: [] };
  const accepted = { status: 'accepted', refs: { [MAIN]: oid }, sequence: { from: 0, to: 1 } };
  const edit = { name: MAIN, expected: null, target: oid };
  const push: PushRequest = { id: randomUUID(), edits: [edit], objects: [], actors: [] };
  const rows: [string, (remote: Remote) => Promise<unknown>, unknown][] = [
    ['refs that are no branches', (remote) => remote.describe(), { ...state, refs: { HEAD: oid } }],
    [
      'a ref name with an escape sequence',
      (remote) => remote.describe(),
      { ...state, refs: { 'refs/heads/\x1b[2J': oid } },
    ],
    ['a ref without an object id', (remote) => remote.describe(), { ...state, refs: { [MAIN]: 'abc' } }],
    ['a sequence number below zero', (remote) => remote.describe(), { ...state, sequence: -1 }],
    ['a sequence number that is text', (remote) => remote.describe(), { ...state, sequence: '1' }],
    ['an actor whose id is a person', (remote) => remote.describe(), { ...state, actors: [{ ...ACTOR, id: 'Ada L' }] }],
    [
      'a key of erasures that is none',
      (remote) => remote.describe(),
      { ...state, erasures: { anchor: 'x', count: 0 } },
    ],
    [
      'more erasures than there can be',
      (remote) => remote.describe(),
      { ...state, erasures: { anchor: '0'.repeat(64), count: 1e9 } },
    ],
    ['erasures that are no list', (remote) => remote.erasures(0), {}],
    ['an erasure without a signature', (remote) => remote.erasures(0), [{ record: 'x' }]],
    ['a signature that is no hexadecimal', (remote) => remote.erasures(0), [{ record: 'x', signature: 'xyz' }]],
    ['a purge without counts', (remote) => remote.purge({ actors: [], blobs: [] }), { gone: {} }],
    ['an unknown role', (remote) => remote.register(), { created: true, role: 'king' }],
    ['members without ids', (remote) => remote.members(), [{ role: 'owner' }]],
    [
      'an id with a path in it',
      (remote) => remote.issueId({ id: '', kind: 'story', want: { claim: 'A-1' } }),
      { status: 'issued', id: '../A-1' },
    ],
    ['a push accepted elsewhere', (remote) => remote.push(push), { ...accepted, refs: { [MAIN]: 'b'.repeat(40) } }],
    ['a push accepted nowhere', (remote) => remote.push(push), { ...accepted, refs: {} }],
    [
      'a push rejected for no reason',
      (remote) => remote.push(push),
      { status: 'rejected', ref: MAIN, reason: 'mood', current: oid },
    ],
    [
      'a push rejected for a ref not pushed',
      (remote) => remote.push(push),
      { status: 'rejected', ref: 'refs/heads/x', reason: 'stale', current: oid },
    ],
    [
      'a change of nobody',
      (remote) => remote.setMember('a@example.org', 'reader'),
      { status: 'member', role: 'reader' },
    ],
    [
      'an invitation without end',
      (remote) => remote.setMember('a@example.org', 'reader'),
      { status: 'invited', email: 'a@example.org', role: 'reader', expiresAt: null },
    ],
    ['invitations that are none', (remote) => remote.invitations(), {}],
    [
      'an invitation of nobody',
      (remote) => remote.invitations(),
      [{ role: 'reader', expiresAt: '2026-12-01T00:00:00Z' }],
    ],
    [
      'an invitation until an escape sequence',
      (remote) => remote.invitations(),
      [{ email: 'a@example.org', role: 'reader', expiresAt: '\x1b[2J' }],
    ],
    ['a protected ref that is none', (remote) => remote.protectedRefs(), ['refs/heads/\x1b[2J']],
    ['protected refs without end', (remote) => remote.protectedRefs(), MAIN],
    ['a ref protected with no acknowledgement', (remote) => remote.protectRef(MAIN, true), null],
    [
      'a ref that is deleted, and is there',
      (remote) => remote.push({ ...push, edits: [{ name: MAIN, expected: oid, target: null, force: true }] }),
      accepted,
    ],
    ['a member set with no acknowledgement', (remote) => remote.setMember(randomUUID(), 'reader'), false],
    ['a page that goes back', (remote) => remote.fetch(5), page({ sequence: 4, more: false, objects: [] })],
    [
      'a page with nothing but the promise of more',
      (remote) => remote.fetch(5),
      page({ sequence: 6, more: true, objects: [] }),
    ],
    ['a page that stands still', (remote) => remote.fetch(5), page({ sequence: 5, more: true, objects: [] })],
    ['a page without a line', (remote) => remote.fetch(0), '{}'],
    [
      'a page with less than it lists',
      (remote) => remote.fetch(0),
      page({ sequence: 1, more: false, objects: [blob] }, 'x'),
    ],
    [
      'a page with more than it lists',
      (remote) => remote.fetch(0),
      page({ sequence: 1, more: false, objects: [blob] }, 'xyz'),
    ],
    [
      'a page with a negative size',
      (remote) => remote.fetch(0),
      page({
        sequence: 1,
        more: false,
        objects: [
          { ...blob, size: -1 },
          { ...blob, size: 1 },
        ],
      }),
    ],
    [
      'a page with an unknown type',
      (remote) => remote.fetch(0),
      page({ sequence: 1, more: false, objects: [{ ...blob, type: 'tag' }] }, 'xy'),
    ],
  ];
  for (const [sentence, ask, answer] of rows) {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    const remote = await fakeOrigin(t, (_, response) => response.end(text));
    t.equal((await outcome(() => ask(remote))).code, 'ORIGIN_ANSWER_INVALID', sentence);
  }
  const good = await fakeOrigin(t, (_, response) => response.end(JSON.stringify(accepted)));
  t.equal((await good.push(push)).status, 'accepted', 'what was asked for is taken');
});

t.test('interruptions', async (t) => {
  const requests = new EventEmitter();
  const arrived = once(requests, 'arrived');
  const silent = await fakeOrigin(t, () => requests.emit('arrived'));
  const controller = new AbortController();
  const calls = Object.values(callsOf(silent, controller.signal)).map((ask) => outcome(ask));
  await arrived;
  controller.abort();
  t.same(new Set((await Promise.all(calls)).map(({ code }) => code)), new Set(['ABORTED']), 'an abort ends waiting');

  let lose = true;
  const lossy: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!lose) return response;
    await response.arrayBuffer();
    throw new TypeError('fetch failed');
  };
  const project = freshProject();
  const owner = supabaseRemote({ url, key, accessToken, project });
  await owner.register();
  const commit = commitOf({ 'INFRA-001-first.md': 'one\n' });
  const request = pushOf(commit, null);
  const remote = supabaseRemote({ url, key, accessToken, project, fetch: lossy });
  t.equal((await outcome(() => remote.push(request))).code, 'ORIGIN_UNREACHABLE', 'an answer got lost');
  lose = false;
  t.equal((await remote.push(request)).status, 'accepted', 'the same push is answered again');
  t.equal((await owner.describe()).sequence, commit.objects.length, 'and was taken once');
});

t.test('requests', async (t) => {
  const sizes: number[] = [];
  const measuring: typeof fetch = (input, init) => {
    sizes.push((init!.body as Uint8Array).length);
    return fetch(input, init);
  };
  const remote = supabaseRemote({ url, key, accessToken, project: freshProject(), fetch: measuring });
  await remote.register();
  const large = commitOf(
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`INFRA-${100 + i}-large.md`, filler(i, 99_000)])),
  );
  const actors = Array.from({ length: 500 }, (_, i) => ({ ...ACTOR, id: `actor-${i}`, name: 'n'.repeat(200) }));
  t.equal((await remote.push({ ...pushOf(large, null), actors })).status, 'accepted');
  t.ok(sizes.length > 3 && Math.max(...sizes) <= 4_000_000, 'none is larger than 4 MB, whatever the push holds');

  const object = fc.record({
    oid: fc.constant('0'.repeat(40)),
    type: fc.constantFrom<ObjectType>('blob', 'tree', 'commit'),
    body: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(object), (objects) => {
      const chunks = planChunks(objects, 400 + INDEX_BYTES);
      const sizes = chunks.map((chunk) => encodePack({}, chunk).length - encodePack({}, []).length);
      return chunks.flat().every((one, i) => one === objects[i]) && sizes.every((size) => size <= 400 + INDEX_BYTES);
    }),
  );
  t.throws(() => planChunks([blobOf(new Uint8Array(401))], 400 + INDEX_BYTES), { code: 'OBJECT_TOO_LARGE' });
  fc.assert(
    fc.property(fc.array(object), (drawn) => {
      const objects = drawn.map((one, i) => ({ ...one, oid: i.toString(16).padStart(40, '0') }));
      const pack = encodePack({ sequence: 7 }, objects);
      const read = decodePack(pack);
      return read.objects.length === objects.length && equalBytes(encodePack(read.header, read.objects), pack);
    }),
  );
  const pack = encodePack({ sequence: 7 }, [
    blobOf(new Uint8Array(3)),
    blobOf(new Uint8Array(0)),
    blobOf(new Uint8Array(9)),
  ]);
  for (let length = 0; length < pack.length; length++) {
    t.throws(
      () => decodePack(pack.subarray(0, length)),
      { code: 'ORIGIN_ANSWER_INVALID' },
      `a pack cut at byte ${length}`,
    );
  }
});

// ---------------------------------------------------------------- what the tests share

function callsOf(remote: Remote, signal?: AbortSignal): Record<string, () => Promise<unknown>> {
  const options = signal ? { signal } : {};
  return {
    describe: () => remote.describe(options),
    fetch: () => remote.fetch(0, options),
    push: () => remote.push(pushOf(commitOf({ 'INFRA-001-first.md': 'one\n' }), null), options),
  };
}

/** How a call ended, and everything that could be shown of it. */
async function outcome(ask: () => Promise<unknown>): Promise<{ code?: ErrorCode; text: string }> {
  try {
    return { text: JSON.stringify(await ask()) };
  } catch (thrown) {
    const error = thrown as SyncError;
    return { code: error.code, text: `${error.message} ${error.hint} ${error.cause}` };
  }
}

/** A remote whose origin does what `listener` does. */
async function fakeOrigin(t: Tap, listener: RequestListener, deadline?: number): Promise<Remote> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return supabaseRemote({
    url: `http://127.0.0.1:${port}`,
    key: 'secret',
    project: 'p',
    ...(deadline ? { deadline } : {}),
  });
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

function* forEver(): Generator<Buffer> {
  for (const zeros = Buffer.alloc(2 ** 20); ; ) yield zeros;
}

type Tap = Pick<typeof t, 'teardown'>;

function redirect(location: string): RequestListener {
  return (_, response) => response.writeHead(301, { location }).end();
}

function blobOf(body: Uint8Array): IdentifiedObject {
  return { oid: hashObject('blob', body), type: 'blob', body };
}
