/** What the embedded origin has of Supabase Auth: used by supabase-js as it is, and by whoever sends what they like. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AuthClient } from '@supabase/supabase-js';
import t from 'tap';
import { RateLimit } from '../../../lib/origin/embedded/auth/rate-limit.js';
import { lastCode, mailsTo } from '../mail.js';
import { withEmbeddedOrigin } from '../with-origin.js';

const EMAIL = 'ada@example.org';
const PASSWORD = 'correct horse battery';

const origin = await withEmbeddedOrigin(t);
const ada = await origin.addUser('ada', { email: EMAIL, password: PASSWORD });
await origin.addUser('ben');

function client() {
  return new AuthClient({
    url: `${origin.url}/auth/v1`,
    headers: { apikey: origin.key, Authorization: `Bearer ${origin.key}` },
    persistSession: false,
    autoRefreshToken: false,
  });
}

async function post(path: string, body: unknown, headers: Record<string, string> = { apikey: origin.key }) {
  const answer = await fetch(`${origin.url}/auth/v1/${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
}

const signIn = async () => (await post('token?grant_type=password', { email: EMAIL, password: PASSWORD })).body;
const refresh = (token: string) => post('token?grant_type=refresh_token', { refresh_token: token });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

t.test('signing in with supabase-js', async (t) => {
  const auth = client();
  const { data, error } = await auth.signInWithPassword({ email: EMAIL.toUpperCase(), password: PASSWORD });
  t.equal(error, null);
  t.match(data.user, { id: ada.userId, email: EMAIL, user_metadata: { name: 'ada' }, role: 'authenticated' });
  const claims = claimsOf(data.session!.access_token);
  t.match(claims, {
    sub: ada.userId,
    email: EMAIL,
    role: 'authenticated',
    aud: 'authenticated',
    aal: 'aal1',
    amr: [{ method: 'password' }],
    session_id: /^[0-9a-f-]{36}$/,
  });
  t.equal(claims.exp - claims.iat, 3600, 'the access token is good for an hour');
  t.match((await auth.getUser()).data.user, { id: ada.userId });

  const rest = await fetch(`${origin.url}/rest/v1/rpc/list_members`, {
    method: 'POST',
    headers: {
      apikey: origin.key,
      authorization: `Bearer ${data.session!.access_token}`,
      'content-profile': 'agent_sync',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ project_name: 'none' }),
  });
  t.match(await rest.json(), { code: 'PT403' }, 'PostgREST takes the access token');

  const again = await auth.refreshSession();
  t.equal(again.error, null);
  t.not(again.data.session?.refresh_token, data.session!.refresh_token, 'a refresh gives another refresh token');
  t.equal(claimsOf(again.data.session!.access_token).session_id, claims.session_id, 'of the same session');

  t.equal((await auth.signOut({ scope: 'local' })).error, null);
  t.match((await refresh(again.data.session!.refresh_token)).body, { code: 'refresh_token_not_found' });
  const gone = await client().getUser(again.data.session!.access_token);
  t.equal(gone.error?.name, 'AuthSessionMissingError', 'the session is over');
  t.match(
    (await client().getUser(ada.token)).data.user,
    { id: ada.userId },
    "a token of 'origin user add' has no session",
  );
});

t.test('signing in with a one-time code', async (t) => {
  const auth = client();
  const asked = await auth.signInWithOtp({ email: EMAIL, options: { shouldCreateUser: false } });
  t.equal(asked.error, null);
  const [file] = readdirSync(origin.mail);
  t.equal(
    statSync(join(origin.mail, file!)).mode & 0o777,
    0o600,
    'only the account of the origin may read the message',
  );
  t.equal(statSync(origin.mail).mode & 0o777, 0o700);
  const token = lastCode(origin.mail, EMAIL);
  const wrong = token === '000000' ? '000001' : '000000';
  t.match((await auth.verifyOtp({ email: EMAIL, token: wrong, type: 'email' })).error, {
    code: 'otp_expired',
    status: 403,
  });
  const { data, error } = await auth.verifyOtp({ email: EMAIL, token, type: 'email' });
  t.equal(error, null);
  t.match(claimsOf(data.session!.access_token), { sub: ada.userId, amr: [{ method: 'otp' }] });
  t.match(
    (await post('verify', { type: 'email', email: EMAIL, token })).body,
    { code: 'otp_expired' },
    'a code is good once',
  );

  t.equal(
    (await auth.signInWithOtp({ email: EMAIL })).error?.code,
    'over_email_send_rate_limit',
    'one message a minute',
  );
  const nobody = await post('otp', { email: 'nobody@example.org' });
  t.match(nobody, { status: 200, body: {} }, 'an address that nobody has gets the same answer');
  t.strictSame(mailsTo(origin.mail, 'nobody@example.org'), [], 'and no message');

  t.match(await post('otp', { email: 'ben@example.invalid' }), { status: 200 });
  const bens = lastCode(origin.mail, 'ben@example.invalid');
  for (let tries = 0; tries < 10; tries++) {
    await post('verify', { type: 'email', email: 'ben@example.invalid', token: `no-${tries}` });
  }
  const guessed = await post('verify', { type: 'email', email: 'ben@example.invalid', token: bens });
  t.match(guessed.body, { code: 'otp_expired' }, 'after ten wrong ones the right code is good for nothing');
});

t.test('a refresh token', async (t) => {
  const first = (await signIn()).refresh_token;
  const [one, two] = await Promise.all([refresh(first), refresh(first)]);
  t.equal(one.body.refresh_token, two.body.refresh_token, 'two at once get the same next one');
  const next = one.body.refresh_token;
  t.equal((await refresh(first)).body.refresh_token, next, 'who lost the answer asks again');
  const third = (await refresh(next)).body.refresh_token;
  t.match(
    await refresh(first),
    { status: 400, body: { code: 'refresh_token_already_used' } },
    'an older one was stolen',
  );
  t.match((await refresh(third)).body, { code: 'refresh_token_not_found' }, 'and ends the session');

  const [session = '', count = '', mac = ''] = (await signIn()).refresh_token.split('.');
  const forged: [what: string, token: string][] = [
    ['of a later refresh', `${session}.${Number(count) + 1}.${mac}`],
    ['with another signature', `${session}.${count}.${'A'.repeat(mac.length)}`],
    ['of another session', `${session.replace(/^./, (c: string) => (c === 'a' ? 'b' : 'a'))}.${count}.${mac}`],
    ['without a signature', `${session}.${count}`],
    ['in another language', 'select 1'],
  ];
  for (const [what, token] of forged) {
    t.match(await refresh(token), { status: 400, body: { code: 'refresh_token_not_found' } }, `forged: ${what}`);
  }
});

t.test('signing out ends the sessions that it says', async (t) => {
  const rows: [scope: string, own: number, other: number][] = [
    ['scope=local', 400, 200],
    ['scope=others', 200, 400],
    ['scope=global', 400, 400],
    ['', 400, 400],
  ];
  for (const [scope, own, other] of rows) {
    const [mine, elsewhere] = [await signIn(), await signIn()];
    const headers = { apikey: origin.key, authorization: `Bearer ${mine.access_token}` };
    t.equal((await post(`logout?${scope}`, '', headers)).status, 204);
    t.equal((await refresh(mine.refresh_token)).status, own, `${scope || 'no scope'}: this session`);
    t.equal((await refresh(elsewhere.refresh_token)).status, other, `${scope || 'no scope'}: the other`);
  }
});

t.test('what is refused', async (t) => {
  const password = 'token?grant_type=password';
  const rows: [what: string, path: string, body: unknown, status: number, code: string][] = [
    ['a wrong password', password, { email: EMAIL, password: 'wrong' }, 400, 'invalid_credentials'],
    ['an address that nobody has', password, { email: 'x@y.z', password: PASSWORD }, 400, 'invalid_credentials'],
    [
      'a user without a password',
      password,
      { email: 'ben@example.invalid', password: 'x' },
      400,
      'invalid_credentials',
    ],
    ['a longer password', password, { email: EMAIL, password: PASSWORD.padEnd(73) }, 400, 'invalid_credentials'],
    ['a password with a zero byte', password, { email: EMAIL, password: `${PASSWORD}\0` }, 400, 'invalid_credentials'],
    ['SQL for an address', password, { email: "' or true --", password: 'x' }, 400, 'invalid_credentials'],
    ['no password', password, { email: EMAIL }, 400, 'validation_failed'],
    ['an array for an address', password, { email: [EMAIL], password: PASSWORD }, 400, 'validation_failed'],
    ['another way in', 'token?grant_type=pkce', { auth_code: 'x' }, 400, 'invalid_grant'],
    ['no JSON', password, '{', 400, 'bad_json'],
    ['a list', password, 'null', 400, 'bad_json'],
    ['signing up', 'signup', { email: 'x@y.z', password: PASSWORD }, 404, 'not_found'],
    ['what every object has', 'constructor', {}, 404, 'not_found'],
    ['another method', 'user', {}, 405, 'method_not_allowed'],
    ['signing out without a token', 'logout', {}, 401, 'no_authorization'],
  ];
  for (const [what, path, body, status, code] of rows) {
    t.match(await post(path, body), { status, body: { code } }, `${what}: ${code}`);
  }
  t.match(await post(password, {}, {}), { status: 401, body: { message: 'No API key found in request' } });
  const user = (token: string) =>
    fetch(`${origin.url}/auth/v1/user`, { headers: { apikey: origin.key, authorization: `Bearer ${token}` } });
  t.equal((await user(`${ada.token.slice(0, -4)}AAAA`)).status, 403, 'a forged token');
  t.equal((await user(origin.legacyKey)).status, 403, "nobody's token");

  for (let tries = 0; tries < 30; tries++) await post('verify', { email: 'carl@example.org', token: 'x' });
  const late = await post(password, { email: 'Carl@example.org', password: 'x' });
  t.match(
    late,
    { status: 429, body: { code: 'over_request_rate_limit' } },
    'after thirty tries an address has to wait',
  );
  t.match(late.headers.get('retry-after'), /^[1-9]\d?$/);
  t.equal((await signIn()).token_type, 'bearer', 'others need not');
});

t.test('nothing in the database lets anybody in', async (t) => {
  const session = await signIn();
  const [rows] = await origin.sql<{ all: string }>(
    `select concat((select jsonb_agg(u) from auth.users u), (select jsonb_agg(s) from auth.sessions s),
      (select jsonb_agg(c) from auth.one_time_codes c)) as all`,
  );
  t.match(rows!.all, session.user.id);
  for (const secret of [PASSWORD, session.refresh_token, session.access_token]) t.notMatch(rows!.all, secret);
});

t.test('a limit gives its goes back over time, to each key its own', async (t) => {
  const limit = new RateLimit(2, 3600);
  t.strictSame(
    ['a', 'a', 'a', 'b'].map((key) => limit.take(key)),
    [0, 0, 1800, 0],
  );
});
