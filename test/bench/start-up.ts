import { agent, run } from './commands.js';
import { alternate } from './measure.js';
import type { Aim, Row } from './row.js';
import type { Workspace } from './workspace.js';

// One start is short; its spread is not.
const RUNS_EACH = 3;

const UNDER_100_MS: Aim = { most: 100, of: 'ms' };

/** The arguments of a command, for the n-th run of it. */
type Arguments = (run: number) => readonly string[];

/** Every local command on one store, against a bare start of Node. */
export async function measureStartUp(workspace: Workspace, count: number): Promise<Row[]> {
  const cwd = await workspace.pushedProject(count);
  const { path } = workspace.artifacts(count)[0]!;
  const reading = await compare(workspace, cwd, {
    '--version': () => ['--version'],
    'sync status': () => ['sync', 'status'],
    'sync log': () => ['sync', 'log'],
    'sync diff': () => ['sync', 'diff'],
    list: () => ['list'],
    'show ARTIFACT': () => ['show', path],
    'sync import, nothing new': () => ['sync', 'import'],
    'sync export --check': () => ['sync', 'export', '--check'],
  });
  // Apart, because each run makes a commit, which status and diff would then show.
  const writing = await compare(workspace, cwd, {
    'set-state ARTIFACT STATE': (n) => ['set-state', path, n % 2 === 0 ? 'ACCEPTED' : 'DRAFT'],
  });
  const written = await compare(workspace, cwd, {
    'sync log, of those commits': () => ['sync', 'log'],
    'sync diff, of those commits': () => ['sync', 'diff'],
    'sync show HEAD': () => ['sync', 'show', 'HEAD'],
  });
  workspace.remove(cwd);
  return [...reading, ...writing, ...written];
}

async function compare(
  workspace: Workspace,
  cwd: string,
  commands: Readonly<Record<string, Arguments>>,
): Promise<Row[]> {
  const bare = () => run(process.execPath, ['-e', '0'], { cwd });
  const ours = Object.entries(commands).map(([name, args]) => [name, (n: number) => agent(args(n), { cwd })] as const);
  const sides = { bare, ...Object.fromEntries(ours) };
  await alternate(2, sides);
  const times = await alternate<string>(workspace.runs * RUNS_EACH, sides);
  return Object.keys(commands).map((name) => ({
    what: `agent ${name}`,
    ours: times[name]!,
    against: 'node -e 0',
    theirs: times.bare!,
    aims: [...aimsOf(name), UNDER_100_MS],
  }));
}

function aimsOf(name: string): Aim[] {
  if (name === '--version') return [{ most: 1.5, of: 'ratio' }];
  if (name === 'sync status') return [{ most: 2.5, of: 'ratio' }];
  return [];
}
