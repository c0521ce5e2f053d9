import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRepository } from '../../lib/index.js';
import { graphOf, headCommit } from '../../lib/repo/history/head.js';
import { mergeHistories } from '../../lib/repo/merge/merge-histories.js';
import { agent, ENVIRONMENT, git, settleDisk } from './commands.js';
import { alternate, type Times, timed } from './measure.js';
import type { Row } from './row.js';
import type { Workspace } from './workspace.js';

const CHANGED_BY_ONE = 100;
const CHANGED_BY_BOTH = 10;
/** In the clone: who merges, and no packing in the background. */
const QUIET = ['user.name=B', 'user.email=b@example.org', 'gc.auto=0'].flatMap((line) => ['-c', line]);

interface MergeTimes {
  readonly process: Times;
  readonly inProcess: Times;
  readonly git: Times;
}

/** Two branches merged that each change a hundred artifacts, and ten the same, among many and among few. */
export async function measureMerge(workspace: Workspace, counts: readonly number[]): Promise<Row[]> {
  const bySize = new Map<number, MergeTimes>();
  for (const count of counts) bySize.set(count, await mergeTimes(workspace, count));
  const rows = [...bySize].flatMap(([count, times]): Row[] => {
    const what = `merge of 100 + 10 changes in ${count.toLocaleString('en')}`;
    const against = { against: 'git merge', theirs: times.git, aims: [{ most: 0.7, of: 'ratio' as const }] };
    return [
      { what: `${what}: agent sync merge`, ours: times.process, ...against },
      { what: `${what}: in process, to the tree`, ours: times.inProcess, ...against },
    ];
  });
  const [smallest, ...others] = [...bySize.keys()].sort((a, b) => a - b);
  const largest = others.at(-1);
  if (smallest === undefined || largest === undefined) return rows;
  const grown: Row = {
    what: `merge of 100 + 10 changes in ${largest.toLocaleString('en')}: in process, to the tree`,
    ours: bySize.get(largest)!.inProcess,
    against: `the same in ${smallest.toLocaleString('en')}`,
    theirs: bySize.get(smallest)!.inProcess,
  };
  return [...rows, grown];
}

async function mergeTimes(workspace: Workspace, count: number): Promise<MergeTimes> {
  const project = await divergedProject(workspace, count);
  const repository = await divergedRepository(workspace, count);
  const sides = {
    process: async () => {
      const cwd = workspace.copy(project);
      await settleDisk();
      const ms = await agent(['sync', 'merge', 'origin/main'], { cwd });
      workspace.remove(cwd);
      return ms;
    },
    inProcess: async () => {
      // Opened anew, so that nothing is remembered from the run before.
      const { store, close } = await openRepository(project, { env: ENVIRONMENT });
      const theirs = store.refs.get('refs/remotes/origin/main')!;
      const ms = await timed(() =>
        mergeHistories(store.objects, graphOf(store), headCommit(store), theirs, { label: 'origin/main' }),
      );
      await close();
      return ms;
    },
    git: async () => {
      const cwd = workspace.fresh();
      await git(['clone', '-q', '--no-hardlinks', ...QUIET, repository, '.'], { cwd });
      await settleDisk();
      const ms = await git(['-c', 'user.name=B', '-c', 'user.email=b@example.org', 'merge', '-q', 'origin/theirs'], {
        cwd,
      });
      workspace.remove(cwd);
      return ms;
    },
  };
  await alternate(1, sides);
  const times = await alternate(workspace.runs, sides);
  workspace.remove(project);
  workspace.remove(repository);
  return times;
}

/** A project whose `HEAD` and `origin/main` have both moved on. */
async function divergedProject(workspace: Workspace, count: number): Promise<string> {
  const ours = await workspace.pushedProject(count);
  const theirs = workspace.copy(ours);
  editArtifacts(workspace, count, join(theirs, '.agent/cache'), 'theirs');
  await agent(['sync', 'import'], { cwd: theirs });
  await agent(['sync', 'push'], { cwd: theirs });
  workspace.remove(theirs);
  editArtifacts(workspace, count, join(ours, '.agent/cache'), 'ours');
  await agent(['sync', 'import'], { cwd: ours });
  await agent(['sync', 'fetch'], { cwd: ours });
  return ours;
}

/** The same in git, with the other side on a branch. */
async function divergedRepository(workspace: Workspace, count: number): Promise<string> {
  const cwd = await workspace.committedRepository(count);
  await git(['switch', '-q', '-c', 'theirs'], { cwd });
  editArtifacts(workspace, count, cwd, 'theirs');
  await git(['commit', '-q', '-a', '-m', 'Theirs'], { cwd });
  await git(['switch', '-q', 'main'], { cwd });
  editArtifacts(workspace, count, cwd, 'ours');
  await git(['commit', '-q', '-a', '-m', 'Ours'], { cwd });
  return cwd;
}

/** Changes artifacts all over the tree: ours at their beginning, theirs at their end, so that they merge. */
function editArtifacts(workspace: Workspace, count: number, folder: string, side: 'ours' | 'theirs'): void {
  const artifacts = workspace.artifacts(count);
  const edits = CHANGED_BY_BOTH + 2 * CHANGED_BY_ONE;
  for (let i = 0; i < edits; i++) {
    const owner = i < CHANGED_BY_BOTH ? 'both' : i % 2 === 0 ? 'ours' : 'theirs';
    if (owner !== 'both' && owner !== side) continue;
    const path = join(folder, artifacts[Math.floor((i * artifacts.length) / edits)]!.path);
    const text = readFileSync(path, 'utf8');
    const edited = side === 'ours' ? text.replace('\n\n', '\n\nOurs.\n\n') : `${text}\nTheirs.\n`;
    writeFileSync(path, edited);
  }
}
