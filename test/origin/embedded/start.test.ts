import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { defaultOriginDirectory } from '../../../lib/origin/embedded/layout.js';
import { type EmbeddedOrigin, startEmbeddedOrigin } from '../../../lib/origin/embedded/start.js';
import type { UserOptions } from '../../../lib/origin/embedded/users.js';
import { repoRoot } from '../../paths.js';
import { originDirectory, withEmbeddedOrigin } from '../with-origin.js';
import { processesOf } from './processes.js';

const PROBE = `
  create function public.whoami() returns jsonb language sql
    return jsonb_build_object('role', current_user, 'uid', auth.uid(), 'claim', auth.role());
  create domain public."application/octet-stream" as bytea;
  create function public.echo(bytea) returns public."application/octet-stream" language sql
    return $1;
  create table public.notes (text text);
  insert into public.notes select 'note ' || n from generate_series(1, 1001) n;
  grant select on public.notes to anon;
`;

/** Makes it an origin of the version before people could sign in. */
const BEFORE_SIGN_IN = `
  drop table auth.sessions, auth.one_time_codes;
  drop function auth.ensure_user;
  alter table auth.users drop column encrypted_password;
  update auth.users set email = null;
  create function auth.ensure_user(name text) returns uuid language sql as 'select null::uuid';
`;

/** An origin with the probe's functions; started twice, since PostgREST reads the schema at its start. */
async function withProbe(t: Parameters<typeof withEmbeddedOrigin>[0]) {
  const directory = originDirectory(t);
  const first = await startEmbeddedOrigin({ directory, durable: false });
  const ada = await first.addUser('ada');
  await first.sql(PROBE);
  await first.sql(BEFORE_SIGN_IN);
  await first.stop();
  return { first, ada, directory, origin: await withEmbeddedOrigin(t, { directory }) };
}

async function call(origin: EmbeddedOrigin, path: string, headers: Record<string, string> = {}, body?: Uint8Array) {
  const response = await fetch(origin.url + path, { headers, ...(body && { method: 'POST', body }) });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

t.test('an origin answers as a hosted project does', async (t) => {
  const { first, ada, directory, origin } = await withProbe(t);
  const whoami = '/rest/v1/rpc/whoami';
  const { key, legacyKey } = origin;
  const asAnon = { role: 'anon', uid: null, claim: 'anon' };
  const asAda = { role: 'authenticated', uid: ada.userId, claim: 'authenticated' };

  const rows: [string, string, Record<string, string>, number, object][] = [
    ['no key', whoami, {}, 401, { message: 'No API key found in request' }],
    ['a wrong key', whoami, { apikey: 'sb_publishable_wrong' }, 401, { message: 'Invalid API key' }],
    ['a token is no key', whoami, { apikey: ada.token }, 401, { message: 'Invalid API key' }],
    ['the publishable key is anon', whoami, { apikey: key }, 200, asAnon],
    ['also sent as a token, as supabase-js does', whoami, { apikey: key, authorization: `Bearer ${key}` }, 200, asAnon],
    ['the legacy key is anon', whoami, { apikey: legacyKey, authorization: `Bearer ${legacyKey}` }, 200, asAnon],
    ['the key in the query is anon', `${whoami}?apikey=${key}`, {}, 200, asAnon],
    ['a user is who the token says', whoami, { apikey: key, authorization: `Bearer ${ada.token}` }, 200, asAda],
    ['a broken token', whoami, { apikey: key, authorization: `Bearer ${ada.token}x` }, 401, { code: 'PGRST301' }],
    ['another service', '/storage/v1/object', { apikey: key }, 404, { message: 'No service at /storage/v1/object' }],
    ['a path that is no URL', '//', { apikey: key }, 404, { message: 'No service at //' }],
    ['health, without a key', '/health', {}, 200, { status: 'ok' }],
  ];
  for (const [name, path, headers, status, body] of rows) {
    const answer = await call(origin, path, headers);
    t.equal(answer.status, status, `${name}: ${status}`);
    t.match(answer.json, body, `${name}: body`);
  }

  const idle = (await fetch(`${origin.url}/health`)).headers.get('keep-alive');
  t.equal(idle, 'timeout=65', 'a connection rests longer than a busy client forgets about it');

  t.equal(first.key, origin.key, 'a restart keeps the key');
  t.equal(first.url, origin.url, 'a restart keeps the URL');
  t.match(origin.key, /^sb_publishable_[\w-]{20,}$/);
  t.strictSame((await origin.addUser('ada')).userId, ada.userId, 'a name is one user');
  t.not((await origin.addUser('grace')).userId, ada.userId);

  const emailOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).email;
  const addresses: [what: string, name: string, options: UserOptions, email: string][] = [
    ['of who was there before there were any', 'ada', {}, `${ada.userId}@example.invalid`],
    ['of who was given none', 'Alonzo', {}, 'alonzo@example.invalid'],
    ['of a name that is no address', 'Edsger W. Dijkstra', {}, 'edsger-w.-dijkstra@example.invalid'],
    ['that is the name', 'Barbara@example.org', {}, 'barbara@example.org'],
    ['as it was given', 'grace', { email: 'Grace@Example.org' }, 'grace@example.org'],
    ['as it was given before', 'grace', {}, 'grace@example.org'],
  ];
  for (const [what, name, options, email] of addresses) {
    const user = await origin.addUser(name, options);
    t.equal(user.email, email, `an address ${what}`);
    t.equal(emailOf(user.token), email, `the token says the address ${what}`);
  }
  await t.rejects(origin.addUser('ALONZO'), {
    code: 'ORIGIN_REFUSED',
    message: /another user has .* alonzo@example\.invalid/,
  });
  await t.rejects(origin.addUser('eve', { email: 'nobody' }), { code: 'USAGE' });

  await t.rejects(origin.addUser('alan', { project: 'demo' }), {
    code: 'ORIGIN_REFUSED',
    message: /no project 'demo'/,
  });
  await origin.addUser('ada', { project: 'demo', role: 'owner' });
  const alan = await origin.addUser('alan', { project: 'demo' });
  t.strictSame(
    await origin.sql('select user_id, role from agent_sync.members order by role'),
    [
      { user_id: ada.userId, role: 'owner' },
      { user_id: alan.userId, role: 'writer' },
    ],
    'the owner comes first and makes the project',
  );

  const notes = await call(origin, '/rest/v1/notes?select=text&text=neq.note%201', { apikey: key });
  t.equal(JSON.parse(notes.text).length, 1000, 'a restart keeps the data, of which one answer holds 1000 rows');

  const bytes = Buffer.alloc(3_000_000, 'agent-sync ');
  const echo = await fetch(`${origin.url}/rest/v1/rpc/echo`, {
    method: 'POST',
    headers: { apikey: key, 'content-type': 'application/octet-stream', accept: 'application/octet-stream' },
    body: bytes,
  });
  t.ok(Buffer.from(await echo.arrayBuffer()).equals(bytes), 'large bodies pass both ways unchanged');

  const files = readdirSync(join(repoRoot, 'lib/origin/sql')).filter((file) => file.endsWith('.sql'));
  const applied = await origin.sql(
    "select version || '_' || name || '.sql' as file from supabase_migrations.schema_migrations order by 1",
  );
  t.strictSame(
    applied.map((row) => row.file),
    files.sort(),
    'the migrations are applied, each once',
  );
  t.strictSame(
    await origin.sql(`select nspowner::regrole::text as owner, rolsuper from pg_namespace
      join pg_roles on pg_roles.oid = nspowner where nspname = 'agent_sync'`),
    [{ owner: 'postgres', rolsuper: false }],
    'by a role that is no superuser',
  );

  const secrets = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  t.strictSame(
    secrets.map((entry) => statSync(join(directory, entry.name)).mode & 0o077).filter((mode) => mode !== 0),
    [],
    'nobody else can read its files',
  );
  for (const folder of ['data', 'run', 'log']) {
    t.equal(statSync(join(directory, folder)).mode & 0o077, 0, `nobody else can enter ${folder}`);
  }
});

t.test('two origins side by side know nothing of each other', async (t) => {
  const [one, two] = await Promise.all([withEmbeddedOrigin(t), withEmbeddedOrigin(t)]);
  const ada = await one.addUser('ada');
  t.not(one.url, two.url);
  t.equal((await call(two, '/rest/v1/', { apikey: one.key })).status, 401, "one's key is refused by the other");
  const foreign = { apikey: two.key, authorization: `Bearer ${ada.token}` };
  t.equal((await call(two, '/rest/v1/', foreign)).status, 401, "one's token is refused by the other");
  t.strictSame(await two.sql('select id from auth.users'), [], "one's users are not the other's");
});

t.test('a start that cannot be is refused, and leaves no process', async (t) => {
  const directory = originDirectory(t);
  const origin = await startEmbeddedOrigin({ directory, durable: false });
  t.teardown(() => origin.stop());
  await t.rejects(startEmbeddedOrigin({ directory }), { code: 'ORIGIN_FAILED', message: /is running already/ });
  t.equal((await call(origin, '/health')).status, 200, 'the first one is not disturbed');
  await origin.stop();
  await origin.stop();
  t.strictSame(processesOf(directory), [], 'stop ends all, and may be called twice');

  const port = Number(new URL(origin.url).port);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  await t.rejects(startEmbeddedOrigin({ directory, port }), {
    code: 'ORIGIN_FAILED',
    message: `Port ${port} is in use.`,
  });
  t.strictSame(processesOf(directory), [], 'a port that is asked for must be free');
  const moved = await startEmbeddedOrigin({ directory, durable: false });
  t.not(moved.url, origin.url, 'the port of last time need not be');
  await moved.stop();

  const aborted = new AbortController();
  const starting = startEmbeddedOrigin({ directory: originDirectory(t), signal: aborted.signal });
  aborted.abort();
  await t.rejects(starting, { code: 'ABORTED' });
  await t.rejects(startEmbeddedOrigin({ directory, signal: aborted.signal }), { code: 'ABORTED' });
  t.strictSame(processesOf(directory), [], 'an aborted start ends what it began');

  const occupied = originDirectory(t);
  writeFileSync(join(occupied, 'thesis.md'), '# Mine\n');
  await t.rejects(startEmbeddedOrigin({ directory: occupied }), { message: /holds files that are not an origin's/ });
  t.strictSame(readdirSync(occupied), ['thesis.md'], "a folder of someone else's is left as it was");
  await t.rejects(startEmbeddedOrigin({ directory: join(occupied, 'thesis.md/origin') }), { code: 'ORIGIN_FAILED' });
});

t.test('where paths are too long for a socket, sockets are in a short place', async (t) => {
  const outer = originDirectory(t);
  chmodSync(outer, 0o755);
  const origin = await withEmbeddedOrigin(t, { directory: join(outer, 'deep'.repeat(25)) });
  t.match(await origin.sql('select 1 as one'), [{ one: 1 }]);
  t.equal((await call(origin, '/rest/v1/', { apikey: origin.key })).status, 200);
});

t.test('when PostgREST dies, the gateway says so', async (t) => {
  const directory = originDirectory(t);
  const origin = await withEmbeddedOrigin(t, { directory });
  const postgrest = processesOf(directory).find(({ args }) => /^\S*postgrest /.test(args));
  process.kill(postgrest?.pid ?? Number.NaN, 'SIGKILL');
  await origin.broken;
  const answer = await call(origin, '/rest/v1/', { apikey: origin.key });
  t.equal(answer.status, 503);
  t.match(answer.json, { message: 'The origin is not able to answer' });
});

t.test('root', { skip: process.getuid?.() !== 0 && 'only root steps down to another account' }, async (t) => {
  const outer = originDirectory(t);
  const directory = join(outer, 'sub/origin');
  mkdirSync(join(outer, 'sub'));
  await t.rejects(
    startEmbeddedOrigin({ directory }),
    { code: 'ORIGIN_FAILED', message: new RegExp(`may not enter ${outer}$`), hint: /Name a folder outside/ },
    'a folder that the account cannot enter is named',
  );
  t.strictSame(readdirSync(join(outer, 'sub')), [], 'and nothing is made below it');
  t.equal(defaultOriginDirectory({}), '/var/lib/agent-sync/origin');
});
