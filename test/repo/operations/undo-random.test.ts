import fc from 'fast-check';
import t from 'tap';
import {
  abortMerge,
  abortRebase,
  continueMerge,
  continueRebase,
  editArtifact,
  exportMarkdown,
  fetch,
  fsck,
  importArtifacts,
  pull,
  pullRebase,
  push,
  removeArtifact,
  resolveAll,
  restoreOperation,
  SyncError,
  setState,
  skipCommit,
  undo,
} from '../../../lib/index.js';
import type { Developer } from '../../e2e/developer.js';
import { pair, STORY } from '../../e2e/pair.js';
import { LONG } from './undo-rows.js';
import { everything } from './undo-state.js';

const RUNS = Number(process.env.UNDO_RUNS ?? 10);

/** What somebody may do, in any order; what does not apply changes nothing. */
const STEPS: Readonly<Record<string, (ben: Developer, ada: Developer, n: number) => Promise<unknown>>> = {
  edit: (ben, _, n) =>
    ben.run((repo) => editArtifact(repo, 'SYNC-001', Buffer.from(LONG.replace('One.', `Ben ${n}.`)))),
  state: (ben, _, n) => ben.run((repo) => setState(repo, 'SYNC-002', n % 2 ? 'COMMITTED' : 'DRAFT')),
  remove: (ben) => ben.run((repo) => removeArtifact(repo, 'SYNC-002')),
  document: (ben, _, n) =>
    ben.run((repo) => {
      const document = { path: 'plans/SYNC/SYNC-009-nine.md', bytes: Buffer.from(`# SYNC-009: ${n}\n`) };
      return importArtifacts(repo, { document });
    }),
  fetch: (ben) => ben.run(fetch),
  pull: (ben) => ben.run(pull),
  rebase: (ben) => ben.run(pullRebase),
  ours: (ben) => ben.run((repo) => resolveAll(repo, 'ours')),
  theirs: (ben) => ben.run((repo) => resolveAll(repo, 'theirs')),
  continue: (ben) =>
    ben.run(async (repo) => (repo.store.merge.get()?.rebase ? continueRebase(repo) : continueMerge(repo))),
  skip: (ben) => ben.run(skipCommit),
  abort: (ben) => ben.run(async (repo) => (repo.store.merge.get()?.rebase ? abortRebase(repo) : abortMerge(repo))),
  export: (ben) => ben.run((repo) => exportMarkdown(repo)),
  undo: (ben) => ben.run((repo) => undo(repo)),
  others: async (_, ada, n) => {
    ada.write(STORY, LONG.replace('One.', `Ada ${n}.`));
    await ada.run(importArtifacts);
    await ada.run(push);
  },
};

t.test('whatever was done, undoing each of it in turn leads all the way back', async (t) => {
  const likely = ['edit', 'others', 'pull', 'rebase', 'theirs', 'continue', ...Object.keys(STEPS)];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...likely), { minLength: 4, maxLength: 12 }), async (steps) => {
      const { ada, ben } = await pair(t);
      const states: [id: number, before: unknown, after: unknown][] = [];
      const newest = () => ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
      for (const [n, step] of steps.entries()) {
        const [id, before] = [await newest(), await ben.run(everything)];
        await STEPS[step]!(ben, ada, n).catch((error: unknown) => {
          if (!(error instanceof SyncError)) throw error;
        });
        const now = await newest();
        if (now !== id) states.push([now, before, await ben.run(everything)]);
      }
      const done: [by: number, after: unknown][] = [];
      for (const [id, before, after] of states.toReversed()) {
        const undone = await ben.run((repo) => undo(repo, id)).catch((error: SyncError) => error);
        // An undo among the steps has undone an operation, and is undone first.
        if (undone instanceof SyncError || undone.status !== 'undone') {
          throw new Error(`${steps} at ${id}: ${undone instanceof SyncError ? undone.message : undone.status}`);
        }
        t.strictSame(await ben.run(everything), before, `${steps}: operation ${id}`);
        done.push([undone.by, after]);
      }
      for (const [by, after] of done.toReversed()) {
        await ben.run((repo) => undo(repo, by));
        t.strictSame(await ben.run(everything), after, `${steps}: again, by ${by}`);
      }
      const [first] = states;
      if (first) {
        await ben.run((repo) => restoreOperation(repo, first[0]));
        t.strictSame(await ben.run(everything), first[2], `${steps}: back to operation ${first[0]}`);
      }
      t.strictSame(await ben.run(({ store }) => fsck(store).problems), []);
    }),
    { numRuns: RUNS },
  );
});
