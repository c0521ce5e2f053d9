import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetch, openRepository, push } from '../../lib/index.js';
import { addUser, startDaemon, stopDaemon } from '../../lib/origin/embedded/control.js';
import { agent, ENVIRONMENT, git } from './commands.js';
import { type GitServer, startGitServer } from './git-server.js';
import { alternate, type TimedRun, timed } from './measure.js';
import { openPlainTable, type PlainTable } from './plain-table.js';
import type { Aim, Row } from './row.js';
import type { Workspace } from './workspace.js';

const CONFIG = '.agent/etc/sync.yaml';

/** What the measurements of one exchange share. */
interface Exchange {
  readonly workspace: Workspace;
  readonly count: number;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly table: PlainTable;
  /** Undefined where git came without `git http-backend`. */
  readonly gitServer: GitServer | undefined;
  /** Where the git server finds repositories. */
  readonly served: string;
}

/** Push and fetch of a whole project, against git over HTTP and against a plain table at the same origin. */
export async function measureExchange(workspace: Workspace, count: number): Promise<Row[]> {
  const directory = join(workspace.root, 'origin');
  const served = workspace.fresh();
  const gitServer = await startGitServer(served);
  if (!gitServer) workspace.say('  git has no http-backend here: nothing to compare with over HTTP');
  try {
    const { url, key } = await startDaemon(directory);
    const { token } = await addUser(directory, 'bench');
    const table = await openPlainTable(directory, { url, key, token });
    try {
      const env = { ...ENVIRONMENT, SUPABASE_ANON_KEY: key, SUPABASE_ACCESS_TOKEN: token };
      const exchange = { workspace, count, url, env, table, gitServer, served };
      return [...(await measurePush(exchange)), ...(await measureFetch(exchange))];
    } finally {
      await table.close();
    }
  } finally {
    gitServer?.close();
    await stopDaemon(directory);
  }
}

async function measurePush(exchange: Exchange): Promise<Row[]> {
  const { workspace, count, env, table } = exchange;
  const imported = await workspace.importedProject(count);
  const committed = await workspace.committedRepository(count);
  const joined = (name: string) => joinedCopy(exchange, imported, name);
  const times = await compare(exchange, {
    process: async (run) => agent(['sync', 'push'], { cwd: await joined(`push-${run}-${Date.now()}`), env }),
    inProcess: async (run) => {
      const repo = await openRepository(await joined(`push-in-process-${run}-${Date.now()}`), { env });
      const ms = await timed(() => push(repo));
      await repo.close();
      return ms;
    },
    table: async () => {
      await table.clear();
      return timed(() => table.upsert(workspace.artifacts(count)));
    },
    git: async (run) => {
      const cwd = workspace.copy(committed);
      const remote = await bareRepository(exchange, `push-${run}-${Date.now()}.git`);
      return git(['push', '-q', remote, 'main'], { cwd });
    },
  });
  return rowsOf('push', exchange, times, 'upsert, 500 rows a page', {
    git: [{ most: 2, of: 'ratio' }],
    table: [{ most: 0.75, of: 'ratio' }],
  });
}

async function measureFetch(exchange: Exchange): Promise<Row[]> {
  const { workspace, count, env, table } = exchange;
  const pushed = await joinedCopy(exchange, await workspace.importedProject(count), 'fetch');
  await agent(['sync', 'push'], { cwd: pushed, env });
  const remote = await bareRepository(exchange, 'fetch.git');
  if (exchange.gitServer)
    await git(['push', '-q', remote, 'main'], { cwd: await workspace.committedRepository(count) });
  await table.clear();
  await table.upsert(workspace.artifacts(count));
  /** A store that knows the origin and has nothing of it; `init --origin` would fetch. */
  const empty = async () => {
    const cwd = workspace.fresh();
    await agent(['sync', 'init'], { cwd });
    mkdirSync(join(cwd, '.agent/etc'), { recursive: true });
    cpSync(join(pushed, CONFIG), join(cwd, CONFIG));
    return cwd;
  };
  const times = await compare(exchange, {
    process: async () => agent(['sync', 'fetch'], { cwd: await empty(), env }),
    inProcess: async () => {
      const repo = await openRepository(await empty(), { env });
      const ms = await timed(() => fetch(repo));
      await repo.close();
      return ms;
    },
    table: () => timed(() => table.selectAll()),
    git: async () => {
      const cwd = workspace.fresh();
      await git(['init', '-q', '-b', 'main'], { cwd });
      return git(['fetch', '-q', remote, 'main'], { cwd });
    },
  });
  return rowsOf('fetch', exchange, times, 'select, 1000 rows a page', {});
}

type Sides = Readonly<Record<'process' | 'inProcess' | 'table' | 'git', TimedRun>>;
type SideTimes = Awaited<ReturnType<typeof compare>>;

async function compare({ workspace, gitServer }: Exchange, sides: Sides) {
  const nothing: TimedRun = async () => 0;
  const possible = gitServer ? sides : { ...sides, git: nothing };
  await alternate(1, possible);
  return alternate(workspace.runs, possible);
}

function rowsOf(
  verb: 'push' | 'fetch',
  { count, gitServer }: Exchange,
  times: SideTimes,
  plain: string,
  aims: { readonly git?: Aim[]; readonly table?: Aim[] },
): Row[] {
  const what = `${verb} of ${count.toLocaleString('en')}`;
  const viaTable: Row = {
    what: `${what}: in process`,
    ours: times.inProcess,
    against: `plain table: ${plain}`,
    theirs: times.table,
    ...(aims.table ? { aims: aims.table } : {}),
  };
  const viaGit: Row = {
    what: `${what}: agent sync ${verb}`,
    ours: times.process,
    against: `git ${verb} over HTTP`,
    theirs: times.git,
    ...(aims.git ? { aims: aims.git } : {}),
  };
  return gitServer ? [viaGit, viaTable] : [viaTable];
}

async function joinedCopy({ workspace, url, env }: Exchange, imported: string, project: string): Promise<string> {
  const cwd = workspace.copy(imported);
  await agent(['sync', 'init', '--origin', url, '--project', project], { cwd, env });
  return cwd;
}

/** @returns its URL */
async function bareRepository({ gitServer, served }: Exchange, name: string): Promise<string> {
  if (!gitServer) return '';
  const cwd = join(served, name);
  mkdirSync(cwd);
  await git(['init', '-q', '--bare', '-b', 'main'], { cwd });
  await git(['config', 'http.receivepack', 'true'], { cwd });
  return `${gitServer.url}/${name}`;
}
