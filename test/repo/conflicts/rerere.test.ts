import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import {
  abortMerge,
  continueMerge,
  importArtifacts,
  listConflicts,
  resolveAsBefore,
  resolveConflict,
} from '../../../lib/index.js';
import { Developer, storyText } from '../../e2e/developer.js';

const CART = 'stories/SHOP/SHOP-001-cart.md';
const TILL = 'stories/SHOP/SHOP-002-till.md';

async function developer(t: Test, yaml = 'merge:\n  rerere: true\n'): Promise<Developer> {
  const ada = new Developer(t, 'ada');
  await ada.init();
  ada.configure(yaml);
  return ada;
}

/** Merges three versions of a line of a Story, in the third place of five; the merge stops. */
async function meet(ada: Developer, path: string, [base, ours, theirs]: readonly string[], around = ['One.', 'Five.']) {
  const text = (line: string) =>
    storyText(path === CART ? 'SHOP-001' : 'SHOP-002', 'A Story', [around[0]!, 'Two.', line, 'Four.', around[1]!]);
  for (const line of [base!, ours!]) {
    ada.write(path, text(line));
    await ada.run(importArtifacts);
  }
  ada.write(path, text(theirs!));
  const stopped = await ada.run((repo) => importArtifacts(repo, { base: 'HEAD~1' }));
  if (stopped.status !== 'conflicted') throw new Error(`no conflict: ${stopped.status}`);
  return text;
}

const suggestion = (ada: Developer) =>
  ada.run((repo) => listConflicts(repo.store, [], { rerere: true }).conflicts[0]!.suggestion);

t.test('what was committed as a resolution is offered for the same conflict', async (t) => {
  const ada = await developer(t);
  const text = await meet(ada, CART, ['a', 'b', 'c']);
  t.equal(await suggestion(ada), null, 'nothing at first');
  await ada.run((repo) => resolveConflict(repo, CART, { bytes: Buffer.from(text('both')) }));
  await ada.run(continueMerge);

  await meet(ada, TILL, ['x', 'c', 'b'], ['1.', '5.']);
  const expected = storyText('SHOP-002', 'A Story', ['1.', 'Two.', 'both', 'Four.', '5.']);
  t.equal(await suggestion(ada), expected, 'in another text, from the other side, over another base');
  t.match(ada.read(TILL), '<<<<<<< HEAD', 'and is not taken by itself');
  t.match(await ada.run((repo) => resolveAsBefore(repo, TILL)), [{ path: TILL, answers: { length: 0 } }]);
  t.equal(ada.read(TILL), expected);
  t.equal(await suggestion(ada), null, 'what is settled has none');
  await ada.run(continueMerge);
});

/** What is recorded for the conflict between two lines, the lesser first. */
const recorded = (ada: Developer, first: string, second: string) => {
  const id = createHash('sha1').update(`${first}\n\0${second}\n\0`).digest('hex');
  return ada.run((repo) => repo.store.rerere.find(id));
};

t.test('what is recorded, and what is not', async (t) => {
  type Step = (ada: Developer, text: (line: string) => string) => Promise<unknown>;
  const settle =
    (line: string): Step =>
    (ada, text) =>
      ada.run((repo) => resolveConflict(repo, 'SHOP-001', { bytes: Buffer.from(text(line)) }));
  const by =
    (answer: 'ours' | 'union'): Step =>
    (ada) =>
      ada.run((repo) => resolveConflict(repo, 'SHOP-001', answer));
  const asBefore: Step = (ada) => ada.run((repo) => resolveAsBefore(repo));
  const commit: Step = (ada) => ada.run(continueMerge);
  const abort: Step = (ada) => ada.run(abortMerge);
  const again: Step = (ada) => meet(ada, TILL, ['a', 'b', 'c']);
  const elsewhere: Step = (ada) =>
    ada.run((repo) =>
      resolveConflict(repo, 'SHOP-002', {
        bytes: Buffer.from(ada.read(TILL).replace(/<<<<<<<[\s\S]*>>>>>>> .*/, 'otherwise')),
      }),
    );
  const rows: [string, Step[], number][] = [
    ['a text of its own', [settle('both'), commit], 1],
    ["one side's version", [by('ours'), commit], 1],
    ['both sides of each hunk', [by('union'), commit], 1],
    ['not before it is committed', [settle('both')], 0],
    ['not when the merge is dropped', [settle('both'), abort], 0],
    ['once, when it was taken again', [settle('both'), commit, again, asBefore, commit], 1],
    ['another resolution in another text', [settle('both'), commit, again, elsewhere, commit], 2],
  ];
  for (const [what, steps, count] of rows) {
    const ada = await developer(t);
    const text = await meet(ada, CART, ['a', 'b', 'c']);
    for (const step of steps) await step(ada, text);
    t.equal((await recorded(ada, 'b', 'c')).length, count, what);
  }
});

t.test('without merge.rerere nothing is recorded, offered or taken', async (t) => {
  const ada = await developer(t, '');
  const text = await meet(ada, CART, ['a', 'b', 'c']);
  await ada.run((repo) => resolveConflict(repo, CART, { bytes: Buffer.from(text('both')) }));
  await ada.run(continueMerge);
  t.same(await recorded(ada, 'b', 'c'), []);
  await meet(ada, TILL, ['a', 'b', 'c']);
  await t.rejects(
    ada.run((repo) => resolveAsBefore(repo, TILL)),
    { code: 'RESOLUTION_UNKNOWN', hint: /rerere: true/ },
  );
});

t.test('no resolution is made up for a conflict never met', async (t) => {
  const ada = await developer(t);
  await meet(ada, CART, ['a', 'b', 'c']);
  await t.rejects(
    ada.run((repo) => resolveAsBefore(repo)),
    { code: 'RESOLUTION_UNKNOWN', hint: /Settle it once/ },
  );
  t.match(ada.read(CART), '<<<<<<< HEAD', 'and nothing was changed');
});
