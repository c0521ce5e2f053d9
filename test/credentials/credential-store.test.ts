/** Logins at rest: where they are kept, who can open them, and what becomes of a file that somebody touched. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ErrorCode, SyncError } from '../../lib/core/errors.js';
import type { Credentials, CredentialVault } from '../../lib/core/ports.js';
import { credentialStore } from '../../lib/credentials/credential-store.js';
import { encryptedFile } from '../../lib/credentials/encrypted-file.js';

const ONE = 'https://one.supabase.co';
const TWO = 'https://two.supabase.co';
const PASSPHRASE = 'open sesame';
/** Real files cost 32 MiB and a fifth of a second. */
const CHEAP = { N: 2, r: 1, p: 1 };

const credentials = (name: string): Credentials => ({
  key: `sb_publishable_${name}`,
  session: {
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    expiresAt: 2_000_000_000,
    user: { id: `id-${name}`, email: `${name}@example.org` },
  },
});

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-sync-credentials-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function vaultOf(path: string, passphrase = PASSPHRASE): CredentialVault {
  return encryptedFile({ path, passphrase: async () => passphrase, cost: CHEAP });
}

async function codeOf(work: () => Promise<unknown>): Promise<ErrorCode | 'done'> {
  return work().then(
    () => 'done' as const,
    (error: SyncError) => error.code,
  );
}

t.test('what is kept in a file opens with the passphrase, and with nothing else', async (t) => {
  const path = join(folderOf(t), 'credentials.json');
  await vaultOf(path).write(ONE, credentials('one'));
  await vaultOf(path).write(TWO, credentials('two'));
  t.strictSame(await vaultOf(path).read(ONE), credentials('one'));
  t.strictSame(await vaultOf(path).read(TWO), credentials('two'), 'each origin has its own');
  t.equal(await vaultOf(path).read('https://three.supabase.co'), undefined);
  t.equal(statSync(path).mode & 0o777, 0o600, 'nobody else may read the file');
  t.strictSame(readdirSync(join(path, '..')), ['credentials.json'], 'nothing is left beside it');

  const bytes = readFileSync(path, 'utf8');
  t.notMatch(bytes, /sb_publishable|access-|refresh-|example\.org|open sesame/, 'nothing in it can be read');
  t.match(JSON.parse(bytes).kdf, { name: 'scrypt', ...CHEAP }, 'what a passphrase costs is stated');

  t.equal(await codeOf(() => vaultOf(path, 'open says me').read(ONE)), 'CREDENTIALS_LOCKED');
  t.equal(await codeOf(() => vaultOf(path, 'open says me').write(ONE, credentials('x'))), 'CREDENTIALS_LOCKED');
  t.equal(readFileSync(path, 'utf8'), bytes, 'a wrong passphrase changes nothing');

  await vaultOf(path).write(ONE, credentials('again'));
  const { nonce } = JSON.parse(bytes).origins[ONE];
  t.not(JSON.parse(readFileSync(path, 'utf8')).origins[ONE].nonce, nonce, 'no nonce is used twice');
  await vaultOf(path).write(ONE, undefined);
  t.strictSame(await vaultOf(path).read(TWO), credentials('two'));
  await vaultOf(path).write(TWO, undefined);
  t.notOk(existsSync(path), 'with the last login the file goes');
  t.equal(await codeOf(() => vaultOf(path, 'short').write(ONE, credentials('one'))), 'INPUT_INVALID');
});

t.test('a file that somebody touched is refused, and left as it is', async (t) => {
  const path = join(folderOf(t), 'credentials.json');
  await vaultOf(path).write(ONE, credentials('one'));
  await vaultOf(path).write(TWO, credentials('two'));
  const written = readFileSync(path, 'utf8');

  type File = {
    kdf: Record<string, unknown>;
    cipher: string;
    version: number;
    origins: Record<string, Record<string, string>>;
  };
  const flipped = (base64 = '') => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[0]! ^= 1;
    return bytes.toString('base64');
  };
  const edit = (change: (file: File) => void) => () => {
    const file: File = JSON.parse(written);
    change(file);
    writeFileSync(path, JSON.stringify(file));
  };
  const one = (file: File) => file.origins[ONE]!;
  const rows: [what: string, touch: () => void, code: ErrorCode][] = [
    ['another text', edit((file) => (one(file).data = flipped(one(file).data))), 'CREDENTIALS_DAMAGED'],
    ['another nonce', edit((file) => (one(file).nonce = flipped(one(file).nonce))), 'CREDENTIALS_DAMAGED'],
    ['another tag', edit((file) => (one(file).tag = flipped(one(file).tag))), 'CREDENTIALS_DAMAGED'],
    ['a shorter tag', edit((file) => (one(file).tag = one(file).tag!.slice(0, 8))), 'CREDENTIALS_DAMAGED'],
    ['the login of another origin', edit((file) => (file.origins[ONE] = file.origins[TWO]!)), 'CREDENTIALS_DAMAGED'],
    ['another salt', edit((file) => (file.kdf.salt = flipped(String(file.kdf.salt)))), 'CREDENTIALS_LOCKED'],
    ['another cost', edit((file) => (file.kdf.N = 4)), 'CREDENTIALS_LOCKED'],
    ['a cost of a terabyte', edit((file) => (file.kdf.N = 2 ** 33)), 'CREDENTIALS_DAMAGED'],
    ['a cost of a day', edit((file) => (file.kdf.p = 1_000_000)), 'CREDENTIALS_DAMAGED'],
    ['a cost that is none', edit((file) => (file.kdf.r = -1)), 'CREDENTIALS_DAMAGED'],
    ['another cipher', edit((file) => (file.cipher = 'none')), 'CREDENTIALS_DAMAGED'],
    ['a later version', edit((file) => (file.version = 2)), 'CREDENTIALS_DAMAGED'],
    ['half of it', () => writeFileSync(path, written.slice(0, 300)), 'CREDENTIALS_DAMAGED'],
    ['nothing', () => writeFileSync(path, ''), 'CREDENTIALS_DAMAGED'],
    ['a file that others may read', () => chmodSync(path, 0o644), 'CREDENTIALS_UNSAFE'],
    ['a file that others may write', () => chmodSync(path, 0o620), 'CREDENTIALS_UNSAFE'],
    [
      'a link to it',
      () => {
        renameSync(path, `${path}.away`);
        symlinkSync(`${path}.away`, path);
      },
      'CREDENTIALS_UNSAFE',
    ],
    [
      'a folder',
      () => {
        rmSync(path);
        mkdirSync(path);
      },
      'CREDENTIALS_UNSAFE',
    ],
  ];
  if (process.getuid?.() === 0)
    rows.push(["somebody else's file", () => chownSync(path, 65534, 65534), 'CREDENTIALS_UNSAFE']);
  for (const [what, touch, code] of rows) {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, written, { mode: 0o600 });
    touch();
    const before = lstatSync(path);
    const bytes = before.isFile() ? readFileSync(path, 'utf8') : '';
    t.equal(await codeOf(() => vaultOf(path).read(ONE)), code, `reading: ${what}`);
    if (!/text|nonce|tag|of another origin/.test(what)) {
      t.equal(await codeOf(() => vaultOf(path).write(ONE, credentials('new'))), code, `writing: ${what}`);
    }
    t.equal(lstatSync(path).ino, before.ino, `${what}: it is still there`);
    if (before.isFile()) t.equal(readFileSync(path, 'utf8'), bytes, `${what}: with what was in it`);
  }
  t.strictSame(await vaultOf(`${path}.away`).read(TWO), credentials('two'), 'nothing was written through the link');

  const victim = join(folderOf(t), 'victim');
  writeFileSync(victim, 'mine');
  const fresh = join(folderOf(t), 'credentials.json');
  symlinkSync(victim, `${fresh}.new`);
  await vaultOf(fresh).write(ONE, credentials('one'));
  t.equal(readFileSync(victim, 'utf8'), 'mine', 'nor through a link that lay in wait');
  t.strictSame(await vaultOf(fresh).read(ONE), credentials('one'));
});

t.test('where logins are kept, and who is asked', async (t) => {
  // Nobody answers there: this machine has no keyring, whatever it has otherwise.
  process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent';
  const home = folderOf(t);
  const asked: string[] = [];
  const answers =
    (...lines: (string | undefined)[]) =>
    async (question: string) => {
      asked.push(question);
      return lines.shift();
    };
  const store = (env: Record<string, string>, ask?: (question: string) => Promise<string | undefined>) =>
    credentialStore({ env: { HOME: home, ...env }, cost: CHEAP, ...(ask ? { ask } : {}) });
  const keep = (env: Record<string, string>, ask?: (question: string) => Promise<string | undefined>) =>
    store(env, ask).change(ONE, async () => credentials('one'));
  const path = join(home, '.config/agent-sync/credentials.json');

  t.equal(await store({}).read(ONE), undefined, 'without a login nobody is asked for anything');
  t.equal(await codeOf(() => keep({})), 'CREDENTIALS_UNAVAILABLE', 'nothing is ever kept in clear');
  t.equal(await codeOf(() => keep({}, answers(undefined))), 'CREDENTIALS_UNAVAILABLE', 'where nobody answers neither');
  t.equal(
    await codeOf(() => keep({}, answers('open sesame', 'open sesamme'))),
    'INPUT_INVALID',
    'a new one is typed twice',
  );
  t.equal(await codeOf(() => keep({ AGENT_SYNC_CREDENTIALS: 'keyring' })), 'CREDENTIALS_UNAVAILABLE');
  t.equal(await codeOf(() => keep({ AGENT_SYNC_CREDENTIALS: 'clear' })), 'USAGE');
  t.notOk(existsSync(path));

  asked.length = 0;
  await keep({}, answers(PASSPHRASE, PASSPHRASE));
  t.equal(asked.length, 2);
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
  t.strictSame(await store({}).find(ONE), { kind: 'file', path }, 'where it is can be told without a passphrase');
  t.equal(await store({}).find('https://elsewhere.example.org'), undefined, 'and that it is not');
  t.equal(await codeOf(() => store({}).read(ONE)), 'CREDENTIALS_LOCKED');
  t.strictSame(await store({ AGENT_SYNC_PASSPHRASE: PASSPHRASE }).read(ONE), credentials('one'));
  const once = store({}, answers(PASSPHRASE));
  await once.read(ONE);
  t.strictSame(await once.read(ONE), credentials('one'), 'a process asks once');
  t.strictSame(
    await store({ XDG_CONFIG_HOME: join(home, 'elsewhere'), AGENT_SYNC_PASSPHRASE: PASSPHRASE }).read(ONE),
    undefined,
    'XDG_CONFIG_HOME says where to look',
  );

  const passphrase = { AGENT_SYNC_PASSPHRASE: PASSPHRASE };
  const failed = store(passphrase).change(ONE, async () => {
    throw new Error('no');
  });
  await t.rejects(failed, { message: 'no' });
  t.strictSame(await store(passphrase).read(ONE), credentials('one'), 'a change that fails changes nothing');

  chmodSync(join(path, '..'), 0o755);
  await store(passphrase).change(ONE, async () => credentials('one'));
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700, 'a folder that was open is closed');

  const seen: (string | undefined)[] = [];
  const changes = ['a', 'b', 'c', 'd'].map((name) =>
    store(passphrase).change(ONE, async (found) => {
      seen.push(found?.key);
      await new Promise((resolve) => setImmediate(resolve));
      return credentials(name);
    }),
  );
  const made = (await Promise.all(changes)).map((now) => now?.key);
  const last = (await store(passphrase).read(ONE))?.key;
  t.strictSame(
    new Set([...seen, last]),
    new Set(['sb_publishable_one', ...made]),
    'changes come one after the other, and each finds what the one before made',
  );
});
