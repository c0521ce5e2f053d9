import { agent } from './commands.js';
import { alternate } from './measure.js';
import type { Row } from './row.js';
import { gitCommitAll, type Workspace } from './workspace.js';

/** Import of everything on disk into an empty store, against git taking in the same files. */
export async function measureImport(workspace: Workspace, count: number): Promise<Row[]> {
  const { ours, theirs } = await alternate(workspace.runs, {
    ours: async () => {
      const cwd = await workspace.project(count);
      const ms = await agent(['sync', 'import'], { cwd });
      workspace.remove(cwd);
      return ms;
    },
    theirs: async () => {
      const cwd = await workspace.gitRepository(count);
      const ms = await gitCommitAll(cwd);
      workspace.remove(cwd);
      return ms;
    },
  });
  const what = `import of ${count.toLocaleString('en')} artifacts`;
  return [{ what, ours, against: 'git add + git commit', theirs, aims: [{ most: 0.5, of: 'ratio' }] }];
}
