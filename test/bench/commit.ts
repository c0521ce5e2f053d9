import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { importArtifacts, openRepository } from '../../lib/index.js';
import { agent, ENVIRONMENT, git } from './commands.js';
import { alternate, type Times, timed } from './measure.js';
import type { Row } from './row.js';
import type { Workspace } from './workspace.js';

// Commits cost little, and their spread is wide.
const RUNS_EACH = 3;

interface CommitTimes {
  readonly process: Times;
  readonly inProcess: Times;
  readonly git: Times;
}

/** One edited file committed, in stores of several sizes: against git, and the largest store against the smallest. */
export async function measureCommit(workspace: Workspace, counts: readonly number[]): Promise<Row[]> {
  const bySize = new Map<number, CommitTimes>();
  for (const count of counts) bySize.set(count, await commitTimes(workspace, count));
  const rows = [...bySize].flatMap(([count, times]): Row[] => {
    const where = `in ${count.toLocaleString('en')}`;
    const against = 'git add + git commit';
    return [
      { what: `one edit ${where}: agent sync import PATH`, ours: times.process, against, theirs: times.git },
      { what: `one edit ${where}: in process`, ours: times.inProcess, against, theirs: times.git },
    ];
  });
  const [smallest, ...others] = [...bySize.keys()].sort((a, b) => a - b);
  const largest = others.at(-1);
  if (smallest === undefined || largest === undefined) return rows;
  const grow = (side: keyof CommitTimes, name: string): Row => ({
    what: `one edit in ${largest.toLocaleString('en')}: ${name}`,
    ours: bySize.get(largest)![side],
    against: `the same in ${smallest.toLocaleString('en')}`,
    theirs: bySize.get(smallest)![side],
    aims: [{ most: 1.25, of: 'ratio' }],
  });
  return [...rows, grow('process', 'agent sync import PATH'), grow('inProcess', 'in process')];
}

async function commitTimes(workspace: Workspace, count: number): Promise<CommitTimes> {
  const ours = await workspace.pushedProject(count);
  const theirs = await workspace.committedRepository(count);
  const paths = workspace.artifacts(count).map(({ path }) => path);
  let edits = 0;
  const edit = (folder: string) => {
    const path = paths[(edits++ * 37) % paths.length]!;
    appendFileSync(join(folder, path), `\nEdit ${edits}.\n`);
    return path;
  };
  const repo = await openRepository(ours, { env: ENVIRONMENT });
  try {
    const sides = {
      process: () => agent(['sync', 'import', `.agent/cache/${edit(join(ours, '.agent/cache'))}`], { cwd: ours }),
      inProcess: () => {
        const path = edit(join(ours, '.agent/cache'));
        return timed(() => importArtifacts(repo, { paths: [path] }));
      },
      git: async () => {
        const path = edit(theirs);
        return (
          (await git(['add', path], { cwd: theirs })) + (await git(['commit', '-q', '-m', 'Edit'], { cwd: theirs }))
        );
      },
    };
    await alternate(1, sides);
    return await alternate(workspace.runs * RUNS_EACH, sides);
  } finally {
    await repo.close();
    workspace.remove(ours);
    workspace.remove(theirs);
  }
}
