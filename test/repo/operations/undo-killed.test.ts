import t from 'tap';
import { fsck, undo } from '../../../lib/index.js';
import { pair } from '../../e2e/pair.js';
import { killedAfter } from '../sync/with-event.js';
import { ROWS } from './undo-rows.js';
import { everything } from './undo-state.js';

t.test('what a killed undo left undone, the next command does', async (t) => {
  const rows = ROWS.filter(({ name }) => /merges|stops|abort|end of|last step|new and a removed|export/.test(name));
  for (const { name, given, command } of rows) {
    for (let writes = 0, killed = true; killed; writes++) {
      const { ada, ben } = await pair(t);
      await given?.(ben, ada);
      const before = await ben.run(everything);
      await ben.run(command);
      killed = await ben.run(async (repo) => {
        const ran = undo({ ...repo, worktree: killedAfter(repo.worktree, writes) });
        return ran.then(
          () => false,
          (error: Error) => error.message === 'killed',
        );
      });
      t.strictSame(await ben.run(everything), before, `${name}, after ${writes} writes`);
      t.strictSame(await ben.run(({ store }) => fsck(store).problems), []);
    }
  }
});

t.test('what a killed command left half done is undone to the byte', async (t) => {
  const rows = ROWS.filter(({ name }) => /merges|stops|abort|end of|last step|whole conflict|a removal/.test(name));
  for (const { name, given, command } of rows) {
    for (let writes = 0, killed = true; killed; writes++) {
      const { ada, ben } = await pair(t);
      await given?.(ben, ada);
      const before = await ben.run(everything);
      const last = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
      killed = await ben.run(async (repo) => {
        try {
          await command({ ...repo, worktree: killedAfter(repo.worktree, writes) });
          return false;
        } catch (error) {
          t.equal((error as Error).message, 'killed');
          return true;
        }
      });
      // What the next command does of its own accord is no operation, or one more to undo.
      while ((await ben.run(({ store }) => store.operations.newestToUndo()!.id)) > last)
        await ben.run((repo) => undo(repo));
      const { merge, ...rest } = await ben.run(everything);
      const { merge: mergeBefore, ...restBefore } = before;
      t.strictSame(rest, restBefore, `${name}, after ${writes} writes`);
      t.strictSame(merge, mergeBefore, `${name}, after ${writes} writes: the merge`);
    }
  }
});
