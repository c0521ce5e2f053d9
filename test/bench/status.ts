import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { agent, git } from './commands.js';
import { alternate } from './measure.js';
import type { Row } from './row.js';
import type { Workspace } from './workspace.js';

/** `agent sync status` against `git status`, with nothing changed and after ten edits on disk. */
export async function measureStatus(workspace: Workspace, count: number): Promise<Row[]> {
  const ours = await workspace.pushedProject(count);
  const theirs = await workspace.committedRepository(count);
  const compare = async (state: string): Promise<Row> => {
    const sides = {
      ours: () => agent(['sync', 'status'], { cwd: ours }),
      theirs: () => git(['status'], { cwd: theirs }),
    };
    // The first of each learns the stats of files that were written just before.
    await alternate(1, sides);
    const times = await alternate(workspace.runs, sides);
    return { what: `status of ${count.toLocaleString('en')}, ${state}`, against: 'git status', ...times };
  };
  const clean = await compare('clean');
  for (const { path } of workspace.artifacts(count).slice(0, 10)) {
    appendFileSync(join(ours, '.agent/cache', path), '\nOne more line.\n');
    appendFileSync(join(theirs, path), '\nOne more line.\n');
  }
  const edited = await compare('10 edits');
  workspace.remove(ours);
  workspace.remove(theirs);
  return [clean, edited];
}
