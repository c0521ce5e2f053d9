import { agent, run } from './commands.js';
import { alternate } from './measure.js';
import type { Aim, Row } from './row.js';
import type { Workspace } from './workspace.js';

// One start is short; its spread is not.
const RUNS_EACH = 3;

const UNDER_100_MS: Aim = { most: 100, of: 'ms' };

/** Every local command on one store, against a bare start of Node. */
export async function measureStartUp(workspace: Workspace, count: number): Promise<Row[]> {
  const cwd = await workspace.importedProject(count);
  const { path } = workspace.artifacts(count)[0]!;
  const states = ['ACCEPTED', 'DRAFT'];
  const commands: Record<string, (run: number) => readonly string[]> = {
    '--version': () => ['--version'],
    'sync status': () => ['sync', 'status'],
    'sync log': () => ['sync', 'log'],
    list: () => ['list'],
    'show ARTIFACT': () => ['show', path],
    'sync diff': () => ['sync', 'diff'],
    'sync diff HEAD~1 HEAD': () => ['sync', 'diff', 'HEAD~1', 'HEAD'],
    'set-state ARTIFACT STATE': (run) => ['set-state', path, states[run % 2]!],
    'sync import (nothing new)': () => ['sync', 'import'],
    'sync export --check': () => ['sync', 'export', '--check'],
  };
  const sides = {
    bare: () => run(process.execPath, ['-e', '0'], { cwd }),
    ...Object.fromEntries(
      Object.entries(commands).map(([name, args]) => [name, (n: number) => agent(args(n), { cwd })]),
    ),
  };
  await alternate(2, sides);
  const times: Record<string, Awaited<ReturnType<typeof alternate<string>>>[string]> = await alternate<string>(
    workspace.runs * RUNS_EACH,
    sides,
  );
  workspace.remove(cwd);
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
