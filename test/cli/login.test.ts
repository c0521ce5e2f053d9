/** Logging in, staying so, and logging out, at an origin that is a real one. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import type { Credentials } from '../../lib/core/ports.js';
import { credentialStore } from '../../lib/credentials/credential-store.js';
import { openRepository } from '../../lib/index.js';
import { signToken } from '../../lib/origin/embedded/keys.js';
import { startEmbeddedOrigin } from '../../lib/origin/embedded/start.js';
import { storyText } from '../e2e/developer.js';
import { lastCode } from '../origin/mail.js';
import { originDirectory, withEmbeddedOrigin } from '../origin/with-origin.js';
import { type Ended, runHere } from './command-line.js';
import { Shell } from './shell.js';
import { Terminal } from './terminal.js';

const PASSWORD = 'correct horse battery';
const PASSPHRASE = 'open sesame';
const EMAIL = 'ada@example.org';

process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent';
const directory = originDirectory(t);
let origin = await withEmbeddedOrigin(t, { directory });
const { url, key } = origin;
const ada = await origin.addUser('ada', { email: EMAIL, password: PASSWORD });

/** A person with a home and a project, who has no login yet. */
class Person {
  readonly home: string;
  readonly cwd: string;
  readonly env: Record<string, string>;

  constructor(t: Test) {
    this.home = mkdtempSync(join(tmpdir(), 'agent-sync-login-'));
    t.teardown(() => rmSync(this.home, { recursive: true, force: true }));
    this.cwd = join(this.home, 'project');
    mkdirSync(join(this.cwd, '.agent/cache'), { recursive: true });
    this.env = {
      PATH: process.env.PATH!,
      HOME: this.home,
      SUPABASE_USER: 'Ada <ada@example.org>',
      AGENT_SYNC_PASSPHRASE: PASSPHRASE,
    };
  }

  run(line: string, more: { env?: Record<string, string>; input?: string } = {}): Promise<Ended> {
    const { env, input } = more;
    return runHere(line.split(' '), { cwd: this.cwd, env: { ...this.env, ...env }, ...(input ? { input } : {}) });
  }

  login(input = `${PASSWORD}\n`): Promise<Ended> {
    const line = `sync login --origin ${url} --email ${EMAIL} --password-stdin`;
    return this.run(line, { env: { SUPABASE_ANON_KEY: key }, input });
  }

  get credentials() {
    return credentialStore({ env: this.env, cost: { N: 2, r: 1, p: 1 } });
  }

  /** Changes the session that is kept. */
  async tamper(change: (session: NonNullable<Credentials['session']>) => Partial<NonNullable<Credentials['session']>>) {
    await this.credentials.change(url, async (found) => {
      if (!found?.session) throw new Error('no session');
      return { key: found.key, session: { ...found.session, ...change(found.session) } };
    });
  }
}

const EXPIRED = { expiresAt: 1_000_000_000 };

async function refreshes(): Promise<number[]> {
  const rows = await origin.sql<{ refresh_count: number }>(
    'select refresh_count from auth.sessions order by created_at',
  );
  return rows.map((row) => row.refresh_count);
}

/** Somebody who is logged in and has a project at the origin; the key is in no environment. */
async function member(t: Test, project: string): Promise<Person> {
  await origin.sql('delete from auth.sessions');
  const person = new Person(t);
  // A passphrase that costs little: what it usually costs is for others to test.
  await person.credentials.change(url, async () => ({ key, session: null }));
  t.match(await person.login(), { code: 0 });
  t.match(await person.run(`sync init --origin ${url} --project ${project}`), { code: 0 });
  return person;
}

t.test('logging in with a password, and out again', async (t) => {
  const person = new Person(t);
  const whoami = `sync whoami --origin ${url}`;
  t.match(await person.run(whoami), { code: 1, document: { origin: url, user: null } });
  t.match(await person.login('wrong\n'), { code: 128, document: { error: { code: 'LOGIN_FAILED', retry: 'person' } } });
  t.match(await person.login(''), { code: 128, document: { error: { code: 'INPUT_INVALID' } } });
  t.match(await person.login(), {
    code: 0,
    document: { origin: url, user: { id: ada.userId, email: EMAIL }, renewed: true, place: 'file' },
  });
  const file = JSON.parse(readFileSync(join(person.home, '.config/agent-sync/credentials.json'), 'utf8'));
  t.match(file.kdf, { N: 32_768, r: 8, p: 3 }, 'a passphrase costs what it should');
  t.match(await person.run(whoami), {
    code: 0,
    document: { user: { id: ada.userId }, source: 'file', offline: false },
  });

  t.match(await person.run(`sync init --origin ${url} --project login`), {
    code: 0,
    document: { joined: { role: 'owner' } },
  });
  t.match(
    await person.run('sync whoami'),
    { document: { project: 'login', role: 'owner' } },
    'the role in the project',
  );
  const settings = join(person.cwd, '.agent/etc/sync.yaml');
  const written = readFileSync(settings, 'utf8');
  writeFileSync(settings, written.replace('project: login', 'project: elsewhere'));
  t.match(
    await person.run('sync fetch'),
    { code: 128, document: { error: { code: 'ORIGIN_REFUSED', hint: /'agent sync init' joins/ } } },
    'who has no role is told how to get one',
  );
  writeFileSync(settings, written);
  const [{ count }] = (await origin.sql('select count(*)::int from auth.sessions')) as [{ count: number }];
  t.match(await person.run('sync logout'), { code: 0, document: { wasLoggedIn: true, ended: true } });
  const [after] = (await origin.sql('select count(*)::int from auth.sessions')) as [{ count: number }];
  t.equal(after.count, count - 1, 'the session is over at the origin');
  t.match(await person.run('sync logout'), { code: 0, document: { wasLoggedIn: false, ended: false } });
  t.match(await person.run('sync fetch'), { code: 128, document: { error: { code: 'ORIGIN_KEY_MISSING' } } });
});

t.test('other ways in', async (t) => {
  const person = new Person(t);
  await person.credentials.change(url, async () => ({ key, session: null }));
  const login = `sync login --origin ${url}`;
  const late = signToken(
    await import('jose'),
    JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8')).jwtSecret,
    { sub: ada.userId, role: 'authenticated', aud: 'authenticated' },
    '-1d',
  );
  const service = signToken(await import('jose'), 'whatever', { role: 'service_role' }, '1y');
  t.match(await person.run(`${login} --token-stdin`, { input: ada.token }), {
    code: 0,
    document: { user: { id: ada.userId }, renewed: false },
  });
  const refused: [what: string, line: string, input: string, code: string][] = [
    ['a token that has expired', `${login} --token-stdin`, await late, 'LOGIN_FAILED'],
    ['a token that is none', `${login} --token-stdin`, 'secret', 'LOGIN_FAILED'],
    ['a token of the whole project', `${login} --token-stdin`, await service, 'SERVICE_KEY_REFUSED'],
    ['a secret key in its place', `${login} --token-stdin`, 'sb_secret_0123456789', 'SERVICE_KEY_REFUSED'],
    ['two ways at once', `${login} --otp --token-stdin`, 'x', 'USAGE'],
    ['an address beside a token', `${login} --email a@b.c --token-stdin`, 'x', 'USAGE'],
    ['nobody in particular', `${login} --password-stdin`, 'x', 'USAGE'],
    ['no way, and no terminal', `${login} --email a@b.c`, '', 'USAGE'],
    ['a file for an origin', 'sync login --origin file:../x.db --token-stdin', 'x', 'USAGE'],
    ['an address without encryption', 'sync login --origin http://example.org --token-stdin', 'secret', 'USAGE'],
    ['an address with a password', 'sync login --origin https://me:pw@example.org --token-stdin', 'secret', 'USAGE'],
    ['no origin', 'sync login --token-stdin', 'x', 'ORIGIN_NOT_CONFIGURED'],
    ['a wrong code', `${login} --email ada@example.org --otp`, '12345', 'LOGIN_FAILED'],
    ['a code too soon after', `${login} --email ada@example.org --otp`, '12345', 'ORIGIN_BUSY'],
  ];
  for (const [what, line, input, code] of refused) {
    const ended = await person.run(line, { input });
    t.match(ended.document, { error: { code } }, `${what}: ${code}`);
    if (input.length > 4) t.notMatch(`${ended.err}${JSON.stringify(ended.document)}`, input, `${what} is not shown`);
  }
  t.match(
    await person.run(`sync whoami --origin ${url}`),
    { document: { user: { id: ada.userId } } },
    'the login stays',
  );
  for (const env of [{ SUPABASE_ANON_KEY: await service }, { SUPABASE_ACCESS_TOKEN: await service }]) {
    const ended = await person.run(`sync whoami --origin ${url}`, { env: env as Record<string, string> });
    t.match(ended.document, { error: { code: 'SERVICE_KEY_REFUSED' } }, `${Object.keys(env)} of the whole project`);
  }
  const other = await person.run(`sync whoami --origin ${url}`, {
    env: { SUPABASE_ACCESS_TOKEN: (await origin.addUser('eve')).token },
  });
  t.match(
    other.document,
    { user: { email: 'eve@example.invalid' }, source: 'environment' },
    'the environment comes first',
  );
});

t.test('at a terminal, what is secret is asked for and not shown', async (t) => {
  const status = await new Person(t).run(`origin status --directory ${directory}`);
  t.match(status, { code: 0, document: { mail: origin.mail } }, 'where codes are is told');
  await origin.addUser('grace', { email: 'grace@example.org', password: PASSWORD });
  const person = new Person(t);
  const env = { ...person.env, AGENT_SYNC_PASSPHRASE: '', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
  const at = { cwd: person.cwd, env };
  const login = new Terminal(t, `sync login --origin ${url}`, at);
  await login.answers('publishable (anon) key', `${key}\r`);
  await login.answers('E-mail address:', 'grace@example.com\x7f\x7f\x7forg\r');
  await login.answers('Password:', `x\x15${PASSWORD}\r`);
  await login.answers('A passphrase, to encrypt the login with', `${PASSPHRASE}\r`);
  await login.answers('The same again:', `${PASSPHRASE}\r`);
  const { code, rest } = await login.ends();
  t.equal(code, 0, rest);
  t.match(rest, /Logged in at .* as grace@example\.org/);
  for (const secret of [PASSWORD, PASSPHRASE, key]) t.notMatch(login.output, secret);

  const whoami = new Terminal(t, `sync whoami --origin ${url}`, at);
  await whoami.answers('Passphrase for', '\x03');
  t.equal((await whoami.ends()).code, 130, 'Ctrl-C');

  const otp = new Terminal(t, `sync login --origin ${url} --email grace@example.org --otp`, at);
  await otp.answers('Passphrase for', `${PASSPHRASE}\r`);
  await otp.sees('The code that was sent to grace@example.org');
  otp.types(`${lastCode(origin.mail, 'grace@example.org')}\r`);
  t.equal((await otp.ends()).code, 0, 'the code is in the mail');
});

t.test('a session is renewed, by one process at a time', async (t) => {
  const person = await member(t, 'renewed');
  await person.tamper(() => EXPIRED);
  t.match(await person.run('sync fetch'), { code: 0 });
  t.strictSame(await refreshes(), [1], 'one that has expired');
  t.match(await person.run('sync fetch'), { code: 0 });
  t.strictSame(await refreshes(), [1], 'and one that has not is used as it is');

  const { jwtSecret } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'));
  const claims = { sub: ada.userId, role: 'authenticated', aud: 'authenticated' };
  const stale = await signToken(await import('jose'), jwtSecret, claims, '-1h');
  await person.tamper(() => ({ accessToken: stale }));
  t.match(await person.run('sync fetch'), { code: 0 }, 'the origin says that it has expired, the clock here does not');
  t.strictSame(await refreshes(), [2]);

  await person.tamper(() => EXPIRED);
  const shell = new Shell(t, { folder: person.cwd, env: person.env });
  const many = await Promise.all(Array.from({ length: 4 }, () => shell.run('agent sync fetch')));
  t.strictSame(
    many.map(({ code }) => code),
    [0, 0, 0, 0],
    many.map(({ err }) => err).join(),
  );
  t.strictSame(await refreshes(), [3], 'four processes renew it once');
});

t.test('the project knows its secrets, to look for them', async (t) => {
  const person = await member(t, 'known');
  const session = (await person.credentials.read(url))?.session;
  const of = async (env: Record<string, string>) => {
    const repo = await openRepository(person.cwd, { env: { ...person.env, ...env } });
    t.teardown(() => repo.close());
    return repo.secrets();
  };
  t.same(new Set(await of({})), new Set([key, session?.accessToken, session?.refreshToken, PASSPHRASE]));
  const given = { SUPABASE_ANON_KEY: 'sb_publishable_given', SUPABASE_ACCESS_TOKEN: 'eyJ.given.token' };
  t.same(new Set(await of(given)), new Set([...Object.values(given), PASSPHRASE]));
  t.same(await of({ AGENT_SYNC_PASSPHRASE: '' }), [], 'nobody is asked for a passphrase');
});

t.test(
  'a push that holds a key or token of the project itself is refused, whatever sync.yaml lets through',
  async (t) => {
    const person = await member(t, 'holding');
    appendFileSync(join(person.cwd, '.agent/etc/sync.yaml'), 'privacy:\n  detectors:\n    secret: off\n');
    const session = (await person.credentials.read(url))!.session!;
    const story = join(person.cwd, '.agent/cache/stories/HOLD/HOLD-001-keys.md');
    mkdirSync(dirname(story), { recursive: true });
    const rows: [sentence: string, held: string][] = [
      ['the key', key],
      ['the access token', session.accessToken],
      ['the refresh token in base64', Buffer.from(session.refreshToken!).toString('base64')],
      ['the passphrase in a URL', encodeURIComponent(PASSPHRASE)],
    ];
    for (const [sentence, held] of rows) {
      writeFileSync(story, storyText('HOLD-001', 'Keys', [`It is ${held} here.`]));
      t.match(await person.run('sync import'), { code: 0 }, sentence);
      const refused = await person.run('sync push');
      t.match(refused, { code: 128, document: { error: { code: 'CONTENT_BLOCKED' } } }, sentence);
      t.notOk(JSON.stringify(refused).includes(held), `${sentence}: and does not show it`);
      t.match(await person.run('sync undo'), { code: 0 });
    }
    const sent = await origin.sql(`select from agent_sync.objects o join agent_sync.projects p on p.id = o.project
    where p.name = 'holding'`);
    t.strictSame(sent, [], 'nothing was sent');
  },
);

t.test('a session outlives the connection, and not the will of the origin', async (t) => {
  const person = await member(t, 'lasting');
  await person.tamper(() => EXPIRED);
  const kept = await person.credentials.read(url);
  await origin.stop();
  t.match(await person.run('sync fetch'), {
    code: 128,
    document: { error: { code: 'ORIGIN_UNREACHABLE', retry: 'later' } },
  });
  t.match(await person.run('sync whoami'), {
    code: 0,
    document: { user: { id: ada.userId, email: EMAIL }, offline: true, role: null },
  });
  t.strictSame(await person.credentials.read(url), kept, 'without a connection it stays as it is');
  origin = await startEmbeddedOrigin({ directory, durable: false });
  t.teardown(() => origin.stop());
  t.match(await person.run('sync whoami'), { code: 0, document: { offline: false, role: 'owner' } });

  await person.tamper(() => EXPIRED);
  await origin.sql('delete from auth.sessions');
  t.match(await person.run('sync fetch'), {
    code: 128,
    document: { error: { code: 'LOGIN_EXPIRED', retry: 'person', hint: /agent sync login/ } },
  });
  t.strictSame(await person.credentials.read(url), { key, session: null }, 'the key is still there');
  t.match(await person.run('sync whoami'), { code: 1, document: { user: null } });
  t.match(await person.login(), { code: 0 }, 'who logs in again needs no key');

  await person.tamper(() => ({ ...EXPIRED, refreshToken: null }));
  t.match(
    await person.run('sync fetch'),
    { document: { error: { code: 'LOGIN_EXPIRED' } } },
    'a token that was brought',
  );
  await origin.stop();
  t.match(await person.run('sync logout'), {
    code: 0,
    document: { wasLoggedIn: true, ended: false },
  });
  t.equal(await person.credentials.find(url), undefined, 'who logs out offline is logged out here');
});
