/** The channels of the embedded origin, as supabase-js and plain sockets find them. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import * as jose from 'jose';
import t, { type Test } from 'tap';
import ws from 'ws';
import type { LiveNews, Remote } from '../../lib/core/ports.js';
import { commitOf, pushOf } from '../../lib/origin/contract/specimens.js';
import { supabaseRemote } from '../../lib/origin/supabase/client.js';
import { disconnectRealtime } from '../../lib/origin/supabase/live.js';
import { originDirectory, withEmbeddedOrigin } from './with-origin.js';

const directory = originDirectory(t);
const origin = await withEmbeddedOrigin(t, { directory });
const { url, key } = origin;
const ada = await origin.addUser('ada');
const ben = await origin.addUser('ben');
const eve = await origin.addUser('eve');
const { jwtSecret } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8')) as { jwtSecret: string };

const remoteOf = (token: string, project: string): Remote => supabaseRemote({ url, key, accessToken: token, project });

/** A project of Ada's in which Ben reads, and Eve has no part. */
async function sharedProject(): Promise<{ name: string; topic: string; adas: Remote }> {
  const name = `live-${randomUUID()}`;
  const adas = remoteOf(ada.token, name);
  await adas.register();
  await adas.setMember(ben.userId, 'reader');
  return { name, topic: `agent_sync:${name}`, adas };
}

async function move(remote: Remote): Promise<string> {
  const { refs } = await remote.describe();
  const commit = commitOf({ 'INFRA-001-first.md': `${randomUUID()}\n` }, [...refs.values()]);
  await remote.push(pushOf(commit, refs.get('refs/heads/main') ?? null));
  return commit.oid;
}

/** A token of a user's that says something else too, or is signed by somebody else. */
function token(sub: string, lifetime: string, secret = jwtSecret): Promise<string> {
  return new jose.SignJWT({ sub, role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(secret));
}

/** Items that arrive some time, to be waited for one after the other. */
class Arrivals<T> {
  readonly #items: T[] = [];
  #wake = () => {};

  add(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  async next(): Promise<T> {
    while (this.#items.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#items.shift()!;
  }

  get waiting(): number {
    return this.#items.length;
  }
}

/** supabase-js as anybody uses it, in a channel. */
function listen(
  t: Test,
  accessToken: string | undefined,
  topic: string,
  options: { isPrivate?: boolean; vsn?: string } = {},
) {
  const sockets: ws[] = [];
  const transport = class extends ws {
    constructor(...args: ConstructorParameters<typeof ws>) {
      super(...args);
      sockets.push(this);
    }
  };
  const supabase = createClient(url, key, {
    ...(accessToken ? { accessToken: async () => accessToken } : {}),
    realtime: { transport: transport as never, ...(options.vsn ? { vsn: options.vsn } : {}) },
  });
  const states = new Arrivals<string>();
  const messages = new Arrivals<{ event: string; payload: unknown }>();
  const system = new Arrivals<{ status: string; message: string }>();
  const channel = supabase
    .channel(topic, { config: { private: options.isPrivate ?? true } })
    .on('broadcast', { event: '*' }, ({ event, payload }) => messages.add({ event, payload }))
    .on('system', {}, (payload) => system.add(payload));
  // Supabase's own guide has it in this order: the token is sent with the join.
  void supabase.realtime
    .setAuth()
    .then(() => channel.subscribe((state, error) => states.add(error ? `${state} ${error.message}` : state)));
  t.teardown(() => {
    void disconnectRealtime(supabase.realtime);
    for (const socket of sockets) socket.terminate();
  });
  return { supabase, states, messages, system };
}

t.test('who joins the channel of a project', async (t) => {
  const { topic, adas } = await sharedProject();
  await adas.setMember(eve.userId, 'writer');
  await adas.setMember(eve.userId, null);
  const denied = `CHANNEL_ERROR Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;
  const rows: [string, string | undefined, string][] = [
    ['its owner', ada.token, 'SUBSCRIBED'],
    ['a reader', ben.token, 'SUBSCRIBED'],
    ['nobody who left', eve.token, denied],
    ['no stranger', (await origin.addUser('zoe')).token, denied],
    ['nobody without a token', undefined, denied],
    [
      'nobody with a token that somebody else signed',
      await token(ada.userId, '1h', 'x'.repeat(43)),
      'CHANNEL_ERROR JwtSignatureError: Failed to validate JWT signature',
    ],
    [
      'nobody with a token that has expired',
      await token(ada.userId, '-1s'),
      'CHANNEL_ERROR InvalidJWTToken: Token has expired',
    ],
    ['nobody with what is no token', 'nonsense', 'CHANNEL_ERROR MalformedJWT: The token provided is not a valid JWT'],
  ];
  for (const [who, accessToken, expected] of rows) {
    t.equal(await listen(t, accessToken, topic).states.next(), expected, who);
  }
  t.equal(
    await listen(t, ada.token, topic, { isPrivate: false }).states.next(),
    'CHANNEL_ERROR PrivateOnly: This project only allows private channels',
    'and none of it in public',
  );
  t.match(
    await listen(t, ben.token, `agent_sync:live-${randomUUID()}`).states.next(),
    /Unauthorized/,
    'nor one that is not',
  );
});

t.test('a push is told to those who listen', async (t) => {
  const { topic, adas } = await sharedProject();
  const other = await sharedProject();
  const listeners = [
    listen(t, ada.token, topic),
    listen(t, ben.token, topic),
    listen(t, ben.token, topic, { vsn: '1.0.0' }),
  ];
  const elsewhere = listen(t, ada.token, other.topic);
  for (const { states } of [...listeners, elsewhere]) t.equal(await states.next(), 'SUBSCRIBED');
  const oid = await move(adas);
  const { sequence } = await adas.describe();
  for (const { messages } of listeners) {
    const message = await messages.next();
    t.strictSame(message, { event: 'ref_moved', payload: { ref: 'refs/heads/main', oid, sequence } });
  }
  await move(other.adas);
  t.equal((await elsewhere.messages.next()).event, 'ref_moved');
  t.equal(elsewhere.messages.waiting, 0, 'who listens to another project hears only of that');
});

t.test('who leaves a project hears nothing more', async (t) => {
  const { topic, adas } = await sharedProject();
  const [adasEar, bensEar] = [listen(t, ada.token, topic), listen(t, ben.token, topic)];
  await Promise.all([adasEar.states.next(), bensEar.states.next()]);
  await adas.setMember(ben.userId, null);
  await move(adas);
  await adasEar.messages.next();
  t.match(await bensEar.system.next(), { status: 'error', message: /^You no longer have permission/ });
  t.equal(await bensEar.states.next(), 'CLOSED');
  t.equal(bensEar.messages.waiting, 0);
});

t.test('a channel ends with its token', async (t) => {
  const { topic, adas } = await sharedProject();
  const short = listen(t, await token(ada.userId, '2s'), topic);
  t.equal(await short.states.next(), 'SUBSCRIBED');
  t.match(await short.system.next(), { status: 'error', message: 'Token has expired' });
  t.equal(await short.states.next(), 'CLOSED');

  const renewed = listen(t, await token(ada.userId, '2s'), topic);
  t.equal(await renewed.states.next(), 'SUBSCRIBED');
  await renewed.supabase.realtime.setAuth(ada.token);
  const brief = listen(t, await token(ben.userId, '3s'), topic);
  await brief.states.next();
  t.equal(await brief.states.next(), 'CLOSED', 'when the first token is long over');
  await move(adas);
  t.equal((await renewed.messages.next()).event, 'ref_moved', 'one that was renewed goes on');

  await renewed.supabase.realtime.setAuth(eve.token);
  t.match(await renewed.system.next(), { message: /no longer have permission/ }, "and ends with a stranger's token");
});

t.test('who watches is let in again with the next token, and asks for it each time', async (t) => {
  const { name, adas } = await sharedProject();
  const tokens = [await token(ben.userId, '1s')];
  const asked: string[] = [];
  const accessToken = async () => {
    asked.push('token');
    return tokens.shift() ?? ben.token;
  };
  const news = new Arrivals<LiveNews>();
  const subscription = supabaseRemote({ url, key, accessToken, project: name }).subscribe!((heard) => news.add(heard));
  t.teardown(() => subscription.close());
  t.strictSame([await news.next(), await news.next(), await news.next()], ['joined', 'lost', 'joined']);
  await move(adas);
  t.equal(await news.next(), 'moved');
  t.ok(asked.length >= 2);
});

/** A plain socket. */
async function plainSocket(
  t: Test,
  query = `apikey=${key}&vsn=2.0.0`,
): Promise<{ socket: ws; frames: Arrivals<unknown[]> }> {
  const socket = new ws(`${url.replace('http', 'ws')}/realtime/v1/websocket?${query}`);
  const frames = new Arrivals<unknown[]>();
  socket.on('message', (data) => frames.add(JSON.parse(data.toString())));
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  return { socket, frames };
}

t.test('what is no frame does no harm', async (t) => {
  const { topic, adas } = await sharedProject();
  const listener = listen(t, ada.token, topic);
  await listener.states.next();
  const { socket, frames } = await plainSocket(t);
  const nonsense = [
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '[1,2,3,4,5]',
    '[null,null,"phoenix","heartbeat"',
    JSON.stringify({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: '1' }),
    '[null,"1","realtime:x","access_token",{"access_token":{}}]',
    '[null,null,"realtime:x","broadcast",null]',
    '["1","1","realtime:x","phx_join",null]',
    `["1","1","realtime:${topic}","phx_join",{"config":{"private":true},"access_token":[]}]`,
    `["1","1","","phx_join",{"config":{"private":true},"access_token":"${ada.token}"}]`,
    `["1","1","realtime:","phx_join",{"config":{"private":true},"access_token":"${ada.token}"}]`,
    `["1","1","realtime:\\u0000'; drop schema","phx_join",{"config":{"private":true},"access_token":"${ada.token}"}]`,
    '['.repeat(10_000),
  ];
  for (const text of nonsense) socket.send(text);
  socket.send(Buffer.from([3, 255, 255, 255, 255, 255, 1]));
  socket.send('[null,"beat","phoenix","heartbeat",{}]');
  const answers: unknown[][] = [];
  for (let frame = await frames.next(); frame[1] !== 'beat'; frame = await frames.next()) answers.push(frame);
  t.ok(
    answers.every(
      ([, , , event, payload]) => event === 'phx_reply' && (payload as { status: string }).status === 'error',
    ),
    'nothing of it is accepted',
    { answers },
  );
  const closed = once(socket, 'close');
  socket.send('x'.repeat(100_000));
  t.equal((await closed)[0], 1009, 'a frame that is too large ends the socket');
  await move(adas);
  t.equal((await listener.messages.next()).event, 'ref_moved', 'others hear as before');
});

t.test('sockets that are not let in', async (t) => {
  const rows: [string, string, number][] = [
    ['without a key', 'vsn=2.0.0', 401],
    ['with a wrong key', 'apikey=sb_publishable_wrong&vsn=2.0.0', 401],
    ['of a version that is not spoken here', `apikey=${key}&vsn=3.0.0`, 400],
  ];
  for (const [sentence, query, status] of rows) {
    await t.rejects(plainSocket(t, query), { message: `Unexpected server response: ${status}` }, sentence);
  }
  const { status } = await fetch(`${url}/realtime/v1/websocket?apikey=${key}`);
  t.equal(status, 426, 'and what is no socket');
});

t.test('limits', async (t) => {
  const { topic } = await sharedProject();
  const { socket, frames } = await plainSocket(t);
  const joining = { config: { private: true }, access_token: ada.token };
  socket.send(JSON.stringify(['0', '0', `realtime:${topic}`, 'phx_join', joining]));
  t.match(await frames.next(), ['0', '0', `realtime:${topic}`, 'phx_reply', { status: 'ok' }]);
  socket.send(JSON.stringify(['1', '1', `realtime:${topic}`, 'phx_join', joining]));
  t.match(
    await frames.next(),
    ['0', '0', `realtime:${topic}`, 'phx_close'],
    'joining again ends the channel of before',
  );
  t.match(await frames.next(), ['1', '1', `realtime:${topic}`, 'phx_reply', { status: 'ok' }]);
  socket.send(JSON.stringify(['1', '2', `realtime:${topic}`, 'phx_leave', {}]));
  t.match(await frames.next(), ['1', '2', `realtime:${topic}`, 'phx_reply', { status: 'ok' }]);

  const [slow, quick] = [await plainSocket(t), await plainSocket(t)];
  for (const one of [slow, quick]) {
    one.socket.send(JSON.stringify(['1', '1', `realtime:${topic}`, 'phx_join', joining]));
    await one.frames.next();
  }
  const closed = once(slow.socket, 'close');
  slow.socket.pause();
  for (let round = 0; round < 6; round++) {
    await origin.sql(
      `select realtime.send(jsonb_build_object('n', n, 'x', repeat('x', 7000)), 'flood', $1, true) from generate_series(1, 500) n`,
      [topic],
    );
    for (let n = 0; n < 500; n++) await quick.frames.next();
  }
  slow.socket.resume();
  await closed;
  t.pass('a client that does not read is dropped, and others get everything');
});

t.test('a push does not depend on being told', async (t) => {
  const { adas } = await sharedProject();
  const send = 'realtime.send(jsonb, text, text, boolean)';
  await move(adas);
  const rows: [string, string, string][] = [
    ['without a schema for it', 'alter schema realtime rename to gone', 'alter schema gone rename to realtime'],
    ['without the function', `alter function ${send} rename to gone`, 'alter function realtime.gone rename to send'],
    [
      'where it may not be called',
      `revoke execute on function ${send} from postgres`,
      `grant execute on function ${send} to postgres`,
    ],
  ];
  for (const [sentence, breaking, mending] of rows) {
    await origin.sql(breaking);
    const oid = await move(adas);
    t.equal((await adas.describe()).refs.get('refs/heads/main'), oid, sentence);
    await origin.sql(mending);
  }
});

t.test('the remote tells when it is joined, and goes on after breaks', async (t) => {
  const { name, adas } = await sharedProject();
  const news = new Arrivals<LiveNews>();
  const subscription = remoteOf(ben.token, name).subscribe!((item) => news.add(item));
  t.equal(await news.next(), 'joined');
  await move(adas);
  t.equal(await news.next(), 'moved');
  await origin.sql(`select pg_terminate_backend(pid) from pg_stat_activity where query ~* '^listen '`);
  t.equal(await news.next(), 'lost', 'the database was not listened to for a moment');
  t.equal(await news.next(), 'joined');
  await move(adas);
  t.equal(await news.next(), 'moved');
  await subscription.close();
  await move(adas);
  t.equal(news.waiting, 0, 'who closed it hears nothing more');

  const refused = new Arrivals<LiveNews>();
  const strangers = remoteOf(eve.token, name).subscribe!((item) => refused.add(item));
  t.equal(await refused.next(), 'lost', 'a stranger is told that there is nothing to hear');
  await strangers.close();
});

t.test('an origin stops with sockets open', async (t) => {
  const another = await withEmbeddedOrigin(t);
  const socket = new ws(`${another.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${another.key}&vsn=2.0.0`);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await another.stop();
  await closed;
});
