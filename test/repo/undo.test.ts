import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
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
  mergeCommit,
  newArtifact,
  pull,
  pullRebase,
  push,
  type Repository,
  removeArtifact,
  resolveAll,
  resolveConflict,
  restoreOperation,
  SyncError,
  setState,
  skipCommit,
  undo,
} from '../../lib/index.js';
import { Developer, storyText } from '../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../e2e/pair.js';
import { everything } from './undo-state.js';
import { killedAfter } from './with-event.js';

const RUNS = Number(process.env.UNDO_RUNS ?? 15);

interface Row {
  readonly name: string;
  /** What has to be there before. */
  readonly given?: (ben: Developer, ada: Developer) => Promise<unknown>;
  readonly command: (repo: Repository) => unknown;
}

const LINES = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', 'Seven.', 'Eight.', 'Nine.'];
const LONG = storyText('SYNC-001', 'One', LINES);

/** Both work on the same Story, which has two places far from each other. */
async function long(ben: Developer, ada: Developer): Promise<void> {
  ada.write(STORY, LONG);
  await ada.run(importArtifacts);
  await ada.run(push);
  await ben.run(pull);
}

async function theirs(ada: Developer, ...edits: (readonly [path: string, from: string, to: string])[]): Promise<void> {
  for (const [path, from, to] of edits) await commit(ada, path, from, to);
  await ada.run(push);
}

async function conflicting(ben: Developer, ada: Developer): Promise<void> {
  await long(ben, ada);
  await theirs(
    ada,
    [STORY, 'One.', 'One, by Ada.'],
    [STORY, 'Nine.', 'Nine, by Ada.'],
    [OTHER, 'Two.', 'Two, by Ada.'],
  );
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  await commit(ben, STORY, 'Nine.', 'Nine, by Ben.');
}

async function stopped(ben: Developer, ada: Developer): Promise<void> {
  await conflicting(ben, ada);
  await ben.run(pull);
}

async function settled(ben: Developer, ada: Developer): Promise<void> {
  await stopped(ben, ada);
  await ben.run((repo) => resolveAll(repo, 'union'));
}

async function stoppedRebase(ben: Developer, ada: Developer): Promise<void> {
  await conflicting(ben, ada);
  await ben.run(pullRebase);
}

async function settledStep(ben: Developer, ada: Developer): Promise<void> {
  await stoppedRebase(ben, ada);
  await ben.run((repo) => resolveAll(repo, 'union'));
}

const ROWS: readonly Row[] = [
  {
    name: 'an import of an edit, a new and a removed file',
    given: async (ben) => {
      ben.edit(STORY, 'One.', 'One, by Ben.');
      ben.write('plans/SYNC/SYNC-003-three.md', '# SYNC-003: Three\n');
      rmSync(ben.file(OTHER));
    },
    command: (repo) => importArtifacts(repo),
  },
  {
    name: 'an import of one file of two',
    given: async (ben) => {
      ben.edit(STORY, 'One.', 'One, by Ben.');
      ben.edit(OTHER, 'One.', 'One, by Ben.');
    },
    command: (repo) => importArtifacts(repo, { paths: [STORY] }),
  },
  {
    name: 'an import of a document that is not on disk',
    command: (repo) =>
      importArtifacts(repo, {
        document: { path: 'plans/SYNC/SYNC-009-nine.md', bytes: Buffer.from('# SYNC-009: Nine\n') },
      }),
  },
  {
    name: 'an import that merges',
    given: async (ben) => {
      const before = ben.read(STORY);
      const base = ben.read('.agent-sync-base');
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      ben.write(OTHER, storyText('SYNC-002', 'Two'));
      ben.write(STORY, before.replace('Five.', 'Five, by Ben.'));
      ben.write('.agent-sync-base', base);
    },
    command: (repo) => importArtifacts(repo),
  },
  {
    name: 'an import that stops for conflicts',
    given: async (ben) => {
      const base = ben.read('.agent-sync-base');
      await commit(ben, STORY, 'One.', 'One, by Ben.');
      ben.edit(STORY, 'One, by Ben.', 'One, otherwise.');
      ben.write('.agent-sync-base', base);
    },
    command: (repo) => importArtifacts(repo),
  },
  { name: 'an edit', command: (repo) => editArtifact(repo, 'SYNC-001', Buffer.from(LONG)) },
  { name: 'a state', command: (repo) => setState(repo, 'SYNC-001', 'COMMITTED') },
  { name: 'a removal', command: (repo) => removeArtifact(repo, 'SYNC-002') },
  { name: 'a fetch', given: (_, ada) => theirs(ada, [STORY, 'One.', 'One, by Ada.']), command: (repo) => fetch(repo) },
  {
    name: 'a pull that moves forward',
    given: (_, ada) => theirs(ada, [STORY, 'One.', 'One, by Ada.']),
    command: (repo) => pull(repo),
  },
  {
    name: 'a merge that moves forward after a fetch',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await ben.run(fetch);
    },
    command: (repo) => mergeCommit(repo, repo.store.refs.get('refs/remotes/origin/main')!, { label: 'origin/main' }),
  },
  {
    name: 'a pull that merges',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
    },
    command: (repo) => pull(repo),
  },
  { name: 'a pull that stops for conflicts', given: conflicting, command: (repo) => pull(repo) },
  {
    name: 'an answer to one hunk',
    given: stopped,
    command: (repo) => resolveConflict(repo, 'SYNC-001', { hunks: new Map([[1, 'ours']]) }),
  },
  {
    name: 'an answer to a whole conflict',
    given: stopped,
    command: (repo) => resolveConflict(repo, 'SYNC-001', 'theirs'),
  },
  {
    name: 'an answer that was given by hand',
    given: async (ben, ada) => {
      await stopped(ben, ada);
      ben.write(STORY, LONG.replace('One.', 'One, by both.'));
    },
    command: (repo) => resolveConflict(repo, 'SYNC-001', 'disk'),
  },
  { name: 'the end of a merge', given: settled, command: (repo) => continueMerge(repo) },
  { name: 'an abort', given: settled, command: (repo) => abortMerge(repo) },
  {
    name: 'a rebase that goes through',
    given: async (ben, ada) => {
      await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
      await commit(ben, OTHER, 'One.', 'One, by Ben.');
      await commit(ben, OTHER, 'Two.', 'Two, by Ben.');
    },
    command: (repo) => pullRebase(repo),
  },
  { name: 'a rebase that stops', given: conflicting, command: (repo) => pullRebase(repo) },
  { name: 'a step of a rebase, on to the next stop', given: settledStep, command: (repo) => continueRebase(repo) },
  {
    name: 'the last step of a rebase',
    given: async (ben, ada) => {
      await settledStep(ben, ada);
      await ben.run(continueRebase);
      await ben.run((repo) => resolveAll(repo, 'theirs'));
    },
    command: (repo) => continueRebase(repo),
  },
  { name: 'a skipped step', given: stoppedRebase, command: (repo) => skipCommit(repo) },
  { name: 'an aborted rebase', given: settledStep, command: (repo) => abortRebase(repo) },
  {
    name: 'an export of a file that was removed',
    given: async (ben) => rmSync(ben.file(STORY)),
    command: (repo) => exportMarkdown(repo),
  },
  {
    name: 'an undo',
    given: (ben) => ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED')),
    command: (repo) => undo(repo),
  },
  {
    name: 'an op restore over a pull, an answer and the end of the merge',
    given: async (ben, ada) => {
      await settled(ben, ada);
      await ben.run(continueMerge);
    },
    command: (repo) => restoreOperation(repo, 2),
  },
];

for (const { name, given, command } of ROWS) {
  t.test(`${name} is undone and done again, to the byte`, async (t) => {
    const { ada, ben } = await pair(t);
    await given?.(ben, ada);
    const before = await ben.run(everything);
    await ben.run(command);
    const after = await ben.run(everything);
    t.notSame(after, before, 'the command changes something');

    const operation = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!);
    const undone = await ben.run((repo) => undo(repo, operation.id));
    t.match(undone, { status: 'undone', operation: { id: operation.id } });
    t.strictSame(await ben.run(everything), before, 'undone');
    const redone = await ben.run((repo) => undo(repo, undone.status === 'undone' ? undone.by : -1));
    t.equal(redone.status, 'undone');
    t.strictSame(await ben.run(everything), after, 'done again');
    t.equal((await ben.run((repo) => undo(repo, operation.id))).status, 'undone');
    t.strictSame(await ben.run(everything), before, 'and undone again');
    t.strictSame(await ben.run(({ store }) => fsck(store).problems), []);
  });
}

/** A person without anything, at an origin. */
async function alone(t: Test): Promise<Developer> {
  const who = new Developer(t, 'ann');
  await who.init({ origin: `file:${join(who.root, 'origin.db')}`, project: 'alone' });
  return who;
}

t.test('the first import of all is undone', async (t) => {
  const ann = await alone(t);
  ann.write(STORY, LONG);
  const before = await ann.run(everything);
  await ann.run(importArtifacts);
  const after = await ann.run(everything);
  const undone = await ann.run((repo) => undo(repo));
  t.strictSame(await ann.run(everything), before);
  await ann.run((repo) => undo(repo, undone.status === 'undone' ? undone.by : -1));
  t.strictSame(await ann.run(everything), after);
});

t.test('init is undone as far as it fetched', async (t) => {
  const { ada } = await pair(t);
  const eve = new Developer(t, 'eve');
  await eve.init({ origin: `file:${join(ada.root, 'origin.db')}`, project: 'pair' });
  t.equal(Object.keys((await eve.run(everything)).refs).length, 1);
  t.match(await eve.run((repo) => undo(repo)), { status: 'undone', operation: { command: 'sync init' } });
  t.strictSame((await eve.run(everything)).refs, {});
  await eve.run(pull);
  t.equal(eve.read(STORY), ada.read(STORY), 'a pull brings it all');
});

t.test('a new artifact was pushed, so that a commit takes it back', async (t) => {
  const { ada, ben } = await pair(t);
  await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
  const { path, commit: made } = await ben.run((repo) =>
    newArtifact(repo, { kind: 'story', title: 'More', prefix: 'SYNC' }),
  );
  const undone = await ben.run((repo) => undo(repo));
  t.match(undone, { status: 'reverted', reason: 'pushed' });
  const { files, refs } = await ben.run(everything);
  t.notOk(path in files, 'it is gone');
  t.match(files[STORY], 'One, by Ada.', 'what came from others stays');
  t.equal(refs['refs/remotes/origin/main'], made, 'the origin still has it');
  await ben.run(push);
  await ada.run(pull);
  t.strictSame((await ada.run(everything)).files, files, 'and others get it');
  t.equal((await ben.run((repo) => undo(repo, undone.status === 'reverted' ? undone.by : -1))).status, 'reverted');
  t.ok(path in (await ben.run(everything)).files, 'which can be taken back in turn');
});

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

t.test('work on disk that the store does not have is in the way', async (t) => {
  const { ben } = await pair(t);
  await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
  ben.edit(STORY, 'One.', 'One, not imported.');
  const before = await ben.run(everything);
  await t.rejects(
    ben.run((repo) => undo(repo)),
    { code: 'LOCAL_CHANGES', message: /SYNC-001-one\.md/, hint: /agent sync import/ },
  );
  t.strictSame(await ben.run(everything), before, 'nothing has changed');
  await ben.run(importArtifacts);
  t.match(await ben.run((repo) => undo(repo)), { status: 'undone', operation: { command: 'import' } });
  t.strictSame(await ben.run(everything), before, 'imported, it can be undone, and is on disk again');
});

t.test('what a person edited in a merge is kept when the merge is undone', async (t) => {
  const { ada, ben } = await pair(t);
  await conflicting(ben, ada);
  const before = await ben.run(everything);
  const stop = await ben.run(async (repo) => {
    await pull(repo);
    return repo.store.operations.list({ limit: 1 })[0]!.id;
  });
  await ben.run((repo) => resolveConflict(repo, 'SYNC-001', { hunks: new Map([[1, 'ours']]) }));
  ben.edit(STORY, 'Five.', 'Five, by hand.');
  const after = await ben.run(everything);
  const undone = await ben.run((repo) => undo(repo, stop));
  t.strictSame(await ben.run(everything), before, 'as after an abort');
  await ben.run((repo) => undo(repo, undone.status === 'undone' ? undone.by : -1));
  t.strictSame(await ben.run(everything), after, 'with what was answered and edited');
});

t.test('an operation that others built on is taken back by a commit, or stops for conflicts', async (t) => {
  const { ben } = await pair(t);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const first = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
  await commit(ben, OTHER, 'One.', 'One, by Ben.');
  t.match(await ben.run((repo) => undo(repo, first)), { status: 'reverted', reason: 'buried' });
  t.match(ben.read(STORY), '\nOne.\n');
  t.match(ben.read(OTHER), 'One, by Ben.');

  await commit(ben, STORY, 'Two.', 'Two, by Ben.');
  const second = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
  await commit(ben, STORY, 'Two, by Ben.', 'Two, by Ben again.');
  const before = await ben.run(everything);
  t.match(await ben.run((repo) => undo(repo, second)), { status: 'conflicted', reason: 'buried' });
  t.match(ben.read(STORY), '<<<<<<< HEAD\nTwo, by Ben again.\n');
  t.match(await ben.run((repo) => undo(repo)), { status: 'undone' });
  t.strictSame(await ben.run(everything), before, 'which can be undone as well');
  await ben.run((repo) => undo(repo, second));
  await ben.run((repo) => resolveAll(repo, 'theirs'));
  const { parents } = await ben.run(continueMerge);
  t.equal(parents.length, 1);
  t.match(ben.read(STORY), '\nTwo.\n');
});

t.test('what others brought is not taken from them', async (t) => {
  const { ada, ben } = await pair(t);
  await theirs(ada, [STORY, 'One.', 'One, by Ada.']);
  await commit(ben, OTHER, 'One.', 'One, by Ben.');
  await ben.run(pull);
  const merge = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
  await ben.run(push);
  const before = await ben.run(everything);
  t.match(await ben.run((repo) => undo(repo, merge)), { status: 'nothing-to-revert', reason: 'pushed' });
  t.strictSame(await ben.run(everything), before);
  t.match(await ben.run((repo) => undo(repo)), { status: 'reverted', reason: 'pushed' }, 'the push');
  t.match(ben.read(OTHER), '\nOne.\n', 'sent what was made here');
  t.match(ben.read(STORY), 'One, by Ada.');
});

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

t.test('fsck names the operation that cannot be undone any more', async (t) => {
  const { ben } = await pair(t);
  await ben.run((repo) => setState(repo, 'SYNC-001', 'COMMITTED'));
  const { id, oid } = await ben.run(({ store }) => {
    const id = store.operations.newestToUndo()!.id;
    return { id, oid: store.operations.paths(id)[0]!.before! };
  });
  await ben.run(({ store }) => store.garbage.remove([oid]));
  const problems = await ben.run(({ store }) => fsck(store).problems);
  t.ok(problems.some(({ area, subject }) => area === 'operation' && subject === `operation ${id}`));
  await t.rejects(
    ben.run((repo) => undo(repo)),
    { code: 'OBJECT_NOT_FOUND' },
  );
});
