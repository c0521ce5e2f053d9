import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  continueMerge,
  fsck,
  importArtifacts,
  newArtifact,
  newDraft,
  pull,
  pullRebase,
  push,
  resolveAll,
  resolveConflict,
  setState,
  undo,
} from '../../../lib/index.js';
import { Developer } from '../../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../../e2e/pair.js';
import { conflicting, LONG, ROWS, theirs } from './undo-rows.js';
import { everything } from './undo-state.js';

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

t.test('a draft that got its number is taken back, and no other', async (t) => {
  const { ben } = await pair(t);
  const ids: string[] = [];
  for (const title of ['Off', 'Directly'])
    ids.push((await ben.run((repo) => newDraft(repo, { kind: 'story', title }))).id);
  const made = await ben.run(({ store }) => store.operations.list({ limit: 2 }).map(({ id }) => id));
  ben.edit(STORY, 'One.', `One, see ${ids[0]}.`);
  await ben.run(importArtifacts);
  await ben.run(push);
  const undone = await ben.run((repo) => undo(repo, made[1]));
  t.match(undone, { status: 'reverted', reason: 'pushed' });
  const { files } = await ben.run(everything);
  t.match(
    Object.keys(files).filter((path) => path.startsWith('stories')),
    [STORY, OTHER, /-directly\.md$/],
    'only it is gone',
  );
  t.match(files[STORY], /One, see SYNC-00\d\./, 'what else was done stays');
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

t.test('what takes a commit waits until a rebase is finished, and the refusal tells how', async (t) => {
  const { ada, ben } = await pair(t);
  await conflicting(ben, ada);
  const id = await ben.run(({ store }) => store.operations.list({ limit: 1 })[0]!.id);
  await ben.run((repo) => pullRebase(repo));
  await t.rejects(
    ben.run((repo) => undo(repo, id)),
    { code: 'UNDO_IMPOSSIBLE', message: /rebase is in progress/, hint: /rebase --continue/ },
  );
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
