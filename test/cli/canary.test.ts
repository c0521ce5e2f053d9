/**
 * Every command, with secrets that are looked for afterwards in all that it printed and wrote, here and at the origin; in the
 * best case, and with origins that fail in every way, repeating what they were sent.
 */
import childProcess from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Cli } from 'clipanion';
import t, { type Test } from 'tap';
import { COMMANDS, loadCommands } from '../../lib/cli/commands.js';
import type { AgentContext } from '../../lib/cli/context.js';
import type { Credentials } from '../../lib/core/ports.js';
import { credentialStore } from '../../lib/credentials/credential-store.js';
import { startDaemon, stopDaemon } from '../../lib/origin/embedded/control.js';
import { processesOf } from '../origin/embedded/processes.js';
import { originDirectory, reachableFolder, withEmbeddedOrigin } from '../origin/with-origin.js';
import { repoRoot } from '../paths.js';
import { Canaries } from './canaries.js';
import { runText } from './command-line.js';
import { Shell } from './shell.js';

const EMAIL = 'ada@example.org';
const PASSWORD = 'canary password & 52b0c9';
const PASSPHRASE = 'canary passphrase / 1d6f77';
const KEY = 'sb_publishable_canary_8e41f0a2';
const FORGED = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"00000000-0000-4000-8000-000000000000"}').toString('base64url')}.canary-signature-9c3be1`;
const REFRESH = 'canary-refresh-token-77ad04';

const root = mkdtempSync(join(reachableFolder(), 'agent-sync-canary-'));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

/** What each process gets as arguments; all others that are started stand in /proc. */
const started: string[] = [];
const { spawn } = childProcess;
childProcess.spawn = ((command: string, args: readonly string[], options: { env?: object }) => {
  started.push(
    [command, ...args, ...(args.some((arg) => /daemon\.js$/.test(arg)) ? [JSON.stringify(options.env)] : [])].join(' '),
  );
  return spawn(command, args, options as never);
}) as typeof spawn;
syncBuiltinESMExports();

// What a process inherits, and where it puts what it thinks nobody looks at.
Object.assign(process.env, {
  SUPABASE_ANON_KEY: KEY,
  SUPABASE_ACCESS_TOKEN: FORGED,
  AGENT_SYNC_PASSPHRASE: PASSPHRASE,
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
  TMPDIR: join(root, 'tmp'),
});
mkdirSync(join(root, 'tmp'));

const canaries = new Canaries();
canaries.add('password', PASSWORD);
canaries.add('passphrase', PASSPHRASE);
canaries.add('key', KEY);
canaries.add('token', FORGED);
canaries.add('refresh token', REFRESH);

const directory = originDirectory(t);
writeFileSync(join(directory, 'lock'), '');
const secretOfOrigin = { jwtSecret: 'x'.repeat(40), anonKey: 'canary-anon-key', port: 0 };
writeFileSync(join(directory, 'keys.json'), JSON.stringify({ ...secretOfOrigin, publishableKey: KEY }), {
  mode: 0o600,
});
const origin = await withEmbeddedOrigin(t, { directory });
const ada = await origin.addUser('ada', { email: EMAIL, password: PASSWORD });
const ben = await origin.addUser('ben');
canaries.add('token of a year', ada.token);

/** How a command is run: its arguments, what is on standard input, and how it ends where all is well (0 or 1 unless given). */
interface Row {
  readonly args: readonly string[];
  readonly input?: string;
  readonly ends?: number;
}
const row = (line: string, more: Partial<Row> = {}): Row => ({ args: line.split(' ').filter(Boolean), ...more });

/** A row for each command; run in the order of COMMANDS. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'sync init': [row('')],
  'sync login': [
    row(`--email ${EMAIL} --password-stdin`, { input: PASSWORD }),
    row(`--email ${EMAIL} --password-stdin`, { input: `${PASSWORD}x`, ends: 128 }),
    row(`--email ${EMAIL} --otp`, { input: PASSPHRASE, ends: 128 }),
    row('--token-stdin', { input: FORGED, ends: 128 }),
    row('--token-stdin', { input: ada.token }),
  ],
  'sync logout': [row('')],
  'sync whoami': [row('')],
  'sync import': [row('')],
  'sync status': [row('')],
  'sync log': [row('')],
  'sync show': [row('HEAD')],
  'sync diff': [row('HEAD~1')],
  'sync fetch': [row('')],
  'sync pull': [row(''), row('--queue')],
  'sync push': [row('--dry-run'), row(''), row('--queue')],
  'sync queue': [row('')],
  'sync queue run': [row('--force')],
  'sync queue drop': [row('1', { ends: 128 })],
  'sync watch': [row('--once --timeout 1')],
  'sync stats': [row('')],
  'sync scrub': [row('--check')],
  'sync audit': [row(''), row('--verify'), row('--origin')],
  'sync purge': [row('--actor Ada')],
  'sync export': [row('--to ../exported')],
  'sync fsck': [row('')],
  'sync gc': [row('')],
  'sync backup': [row('--force ../backup.db')],
  'sync restore': [row('../backup.db')],
  'sync doctor': [row('--fix')],
  'sync conflicts': [row('')],
  'sync resolve': [row('--all --ours', { ends: 128 })],
  'sync merge': [row('HEAD~1')],
  'sync rebase': [row('HEAD~1')],
  'sync op log': [row('')],
  'sync op restore': [row('1')],
  'sync undo': [row('')],
  'sync members': [row('')],
  'sync members list': [row('')],
  'sync members add': [row(ben.userId)],
  'sync members set-role': [row(`${ben.userId} reader`)],
  'sync members remove': [row(ben.userId)],
  'new-plan': [row('Planning --prefix WEB')],
  'new-story': [row('Searching --prefix WEB'), row('Later --prefix WEB --draft')],
  'new-runbook': [row('STORE-002')],
  list: [row('')],
  show: [row('story/STORE-001')],
  edit: [row('story/STORE-001 --file ../edited.md')],
  'set-state': [row('story/STORE-001 DONE')],
  rm: [row('story/STORE-002')],
  'origin start': [row(`--directory ${directory}`)],
  'origin status': [row(`--directory ${directory}`)],
  'origin stop': [row(`--directory ${directory}`, { ends: 128 })],
  'origin user add': [row(`ben --password-stdin --directory ${directory}`, { input: PASSWORD })],
};

/** What takes away what others need. */
const LAST = ['rm', 'sync undo', 'sync op restore', 'sync logout'];
const ORDER = [...Object.keys(COMMANDS).filter((name) => !LAST.includes(name)), ...LAST];

/** What does the same whatever the origin does: it is run with some that fail, but not with all. */
const LOCAL = new Set(
  `sync import,sync stats,sync scrub,sync status,sync log,sync show,sync diff,sync queue,sync queue drop,sync export,sync fsck,sync gc,sync backup,
  sync restore,sync conflicts,sync resolve,sync merge,sync rebase,sync op log,sync op restore,sync undo,list,show,edit,set-state,
  rm,origin start,origin status,origin stop,origin user add`.split(/,\s*/),
);

/** Where a secret may be printed, and nowhere else: this is what the commands are for. */
const MAY_PRINT: Readonly<Record<string, string>> = { 'origin start': 'key' };
/** The files at the origin that hold the key. */
const MAY_HOLD = [join(directory, 'keys.json')];

/** A server that answers everything alike. */
async function server(listener: RequestListener): Promise<string> {
  const http = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const heard = [incoming.url, JSON.stringify(incoming.headers), Buffer.concat(chunks).toString('latin1')].join(
        ' ',
      );
      Object.assign(incoming, { heard });
      listener(incoming, outgoing);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    http.close();
    http.closeAllConnections();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** Answers with all that was sent, wherever a message can be. */
function echo(status: number, more: Record<string, string> = {}): RequestListener {
  return (incoming, outgoing) => {
    const { heard } = incoming as unknown as { heard: string };
    const body = {
      message: heard,
      msg: heard,
      details: heard,
      hint: heard,
      error_description: heard,
      code: heard,
      ...more,
    };
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

const elsewhere: string[] = [];
const other = await server((incoming, outgoing) => {
  elsewhere.push((incoming as unknown as { heard: string }).heard);
  outgoing.end('{}');
});

const collected: string[] = [];
const collector = await server((incoming, outgoing) => {
  collected.push((incoming as unknown as { heard: string }).heard);
  outgoing.end('{}');
});

const TRACING = {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  AGENT_TELEMETRY_WAIT_MS: '20000',
};

const given = (token: string) => ({ SUPABASE_ANON_KEY: KEY, SUPABASE_ACCESS_TOKEN: token });

interface Mode {
  readonly url: string;
  /** Where the keys are: in the environment, or in a login. */
  readonly keys: Record<string, string> | 'login';
  readonly well: boolean;
  /** Without the commands that do not look at the origin. */
  readonly remoteOnly?: boolean;
}

const MODES: Readonly<Record<string, Mode>> = {
  'all is well, with keys in the environment': { url: origin.url, keys: given(ada.token), well: true },
  'all is well, with a login': { url: origin.url, keys: 'login', well: true },
  'nobody listens': { url: 'http://127.0.0.1:9', keys: given(FORGED), well: false, remoteOnly: true },
  'the key is refused': {
    url: origin.url,
    keys: { ...given(FORGED), SUPABASE_ANON_KEY: `sb_publishable_${REFRESH}` },
    well: false,
    remoteOnly: true,
  },
  'a failure repeats what it was sent': { url: await server(echo(500)), keys: 'login', well: false },
  'a refusal repeats what it was sent': {
    url: await server(echo(422, { code: 'PT422', details: 'REQUEST_INVALID' })),
    keys: given(FORGED),
    well: false,
    remoteOnly: true,
  },
  'an expired login repeats what it was sent': {
    url: await server(echo(401, { code: 'PGRST301' })),
    keys: 'login',
    well: false,
    remoteOnly: true,
  },
  'a success repeats what it was sent': { url: await server(echo(200)), keys: 'login', well: false, remoteOnly: true },
  'another address': {
    url: await server((incoming, outgoing) => outgoing.writeHead(307, { location: `${other}${incoming.url}` }).end()),
    keys: given(FORGED),
    well: false,
    remoteOnly: true,
  },
};

/** Somebody with a home, a project of two commits, and what the mode says. */
class Somebody {
  readonly home: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly #mode: Mode;

  constructor(name: string, mode: Mode) {
    this.home = join(root, name.replaceAll(' ', '-'));
    this.cwd = join(this.home, 'project');
    this.#mode = mode;
    cpSync(join(repoRoot, 'fixtures/artifacts'), join(this.cwd, '.agent/cache'), { recursive: true });
    this.env = {
      PATH: process.env.PATH!,
      HOME: this.home,
      TMPDIR: join(root, 'tmp'),
      SUPABASE_USER: 'Ada <ada@example.org>',
      AGENT_SYNC_PASSPHRASE: PASSPHRASE,
      AGENT_DEBUG: '1',
      ...(mode.remoteOnly ? {} : { AGENT_LOG: 'trace', AGENT_LOG_FILE: join(this.home, 'log') }),
      ...(mode.keys === 'login' ? {} : mode.keys),
    };
  }

  async prepare(project: string): Promise<void> {
    const story = join(this.cwd, '.agent/cache/stories/STORE/STORE-001-objects-as-git-has-them.md');
    const text = readFileSync(story, 'utf8');
    for (const line of ['sync init', 'sync import']) await this.run(row(line));
    writeFileSync(story, `${text}\nOne line more.\n`);
    await this.run(row('sync import'));
    writeFileSync(join(this.home, 'edited.md'), `${text}\nAnother line.\n`);
    writeFileSync(
      join(this.cwd, '.agent/etc/sync.yaml'),
      `version: 1\norigin: { url: '${this.#mode.url}', project: ${project}, timeout: 5 }\n`,
    );
    // A file that is there costs what it says, and stays when the last login goes.
    await this.credentials.change('https://other.example.org', async () => ({ key: KEY, session: null }));
    await this.logIn();
  }

  get credentials() {
    return credentialStore({ env: this.env, cost: { N: 2, r: 1, p: 1 } });
  }

  /** What a login leaves; a command may have ended it. */
  async logIn(): Promise<void> {
    if (this.#mode.keys !== 'login') return;
    const { url, well } = this.#mode;
    const session = { accessToken: well ? ada.token : FORGED, refreshToken: REFRESH, expiresAt: 4_000_000_000 };
    const kept: Credentials = { key: KEY, session: { ...session, user: { id: ada.userId, email: EMAIL } } };
    await this.credentials.change(url, async (found) => (found?.session ? found : kept));
  }

  /** What the origin gave is secret as well. */
  async noteLogin(): Promise<void> {
    const session = (await this.credentials.read(this.#mode.url))?.session;
    if (session) canaries.add('the access token of a login', session.accessToken);
    if (session?.refreshToken) canaries.add('the refresh token of a login', session.refreshToken);
  }

  run({ args, input = '' }: Row, ...more: string[]) {
    return runText([...args, ...more], { cwd: this.cwd, env: this.env, input });
  }
}

/** Runs every command and looks at what it prints. */
async function runAll(t: Test, name: string, mode: Mode, number: number): Promise<void> {
  const somebody = new Somebody(name, mode);
  await somebody.prepare(`canary-${number}`);
  const commands = ORDER.filter((command) => !mode.remoteOnly || !LOCAL.has(command));
  const lines = commands.flatMap((command) => (ROWS[command] ?? []).map((each) => ({ command, each })));
  for (const [index, { command, each }] of lines.entries()) {
    // Both forms of an answer, and of each failure one or the other.
    const formats = mode.well && mode.keys !== 'login' ? [[], ['--json']] : [index % 2 === 0 ? ['--json'] : []];
    for (const format of formats) {
      const args = [...command.split(' '), ...each.args];
      const ran = await somebody.run({ ...each, args }, ...format);
      if (command === 'sync login') await somebody.noteLogin();
      const line = ['agent', ...args, ...format].join(' ');
      const leaks = canaries.in(ran.out + ran.err).filter((leak) => leak !== MAY_PRINT[command]);
      if (leaks.length > 0) t.fail(`${name}: '${line}' prints ${leaks.join()}`, { ...ran });
      const ends = each.ends === undefined ? ran.code <= 1 : ran.code === each.ends;
      if (mode.well && (mode.keys === 'login' || format.length === 0) && !ends)
        t.fail(`${name}: '${line}' ends with ${ran.code}`, { ...ran });
      if (ran.code === 129 || /INTERNAL/.test(ran.err)) t.fail(`${name}: '${line}' did not run`, { ...ran });
      await somebody.logIn();
    }
  }
  t.pass(name);
}

t.test('every command has a row', async (t) => {
  t.strictSame(Object.keys(ROWS).sort(), Object.keys(COMMANDS).sort(), 'what a new command prints is looked at, too');
});

t.test('no command takes a secret as an argument, which others can see in the list of processes', async (t) => {
  const cli = new Cli<AgentContext>({ binaryName: 'agent' });
  for (const command of await loadCommands(Object.keys(COMMANDS))) cli.register(command);
  const options = cli.definitions().flatMap(({ options }) => options.map(({ definition }) => definition));
  t.ok(options.length > 50, 'the options are found');
  const secret = /key|token|secret|pass(word|phrase)|code/;
  t.strictSame(
    options.filter((option) => secret.test(option) && !option.endsWith('-stdin')),
    [],
  );
});

t.test('no secret is printed', async (t) => {
  await Promise.all(Object.entries(MODES).map(([name, mode], number) => runAll(t, name, mode, number)));
});

t.test('no secret is given to another address, or to another program', async (t) => {
  const traced = new Somebody('traced', MODES['a failure repeats what it was sent']!);
  await traced.prepare('canary-traced');
  const ran = await new Shell(t, { folder: traced.cwd, env: { ...traced.env, ...TRACING } }).run('agent sync fetch');
  t.match(ran, { code: 128, err: /ORIGIN_FAILED/ });
  t.match(collected.join(), 'agent sync fetch', 'traces were collected');
  t.strictSame(canaries.in(collected.join('\n') + ran.out + ran.err), [], 'and have none');
  t.ok(elsewhere.length === 0, 'redirects are not followed', { elsewhere });
  t.ok(
    started.some((line) => line.includes('postgres')),
    'the programs of the origin were seen to start',
  );
  t.strictSame(canaries.in(started.join('\n')), [], 'no program was started with one as an argument');
  const daemons = `${directory}-daemon`;
  t.teardown(() => stopDaemon(daemons));
  await startDaemon(daemons, { durable: false });
  const running = [directory, daemons].flatMap(processesOf).filter(({ pid }) => pid !== process.pid);
  t.ok(running.length > 4, 'they run');
  for (const { pid, args } of running) {
    t.strictSame([...canaries.in(args), ...canaries.in(environmentOf(pid))], [], `process ${args.split(' ')[0]}`);
  }
});

/** Empty for a process that has ended since it was listed, as workers of PostgreSQL do at any time. */
function environmentOf(pid: number): Buffer | string {
  if (process.platform !== 'linux') return '';
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return '';
    throw error;
  }
}

t.test('no secret is in a file', async (t) => {
  t.strictSame(canaries.inFolder(root), [], 'of projects, homes and temporary folders, databases included');
  const allowed = ({ 0: path }: readonly string[]) => MAY_HOLD.includes(path!);
  const found = ['log', 'run', 'mail', '.'].flatMap((folder) => canaries.inFiles(join(directory, folder)));
  t.strictSame(
    found.filter((line) => !allowed(line.split(': '))),
    [],
    'of the origin',
  );
  t.ok(found.length > 0, 'but the one that holds its key, so that one can be found at all');
});

t.test('no secret is in a table of the origin', async (t) => {
  const tables = await origin.sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  t.ok(tables.some(({ name }) => name === 'auth.sessions'));
  for (const { name } of tables) {
    const rows = await origin.sql<{ row: string }>(`select each::text as row from ${name} each`);
    t.strictSame(canaries.in(rows.map(({ row }) => row).join('\n')), [], name);
  }
});
