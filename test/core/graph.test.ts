import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { commitGraph } from '../../lib/core/graph/commit-graph.js';
import { contains, mergeBases } from '../../lib/core/graph/merge-base.js';
import { brokenLinks, newObjects } from '../../lib/core/graph/reachable.js';
import { revWalk } from '../../lib/core/graph/rev-walk.js';
import { actorEmail, encodeCommit } from '../../lib/core/object/commit.js';
import { applyTreeEdits } from '../../lib/core/object/edit-tree.js';
import type { Oid } from '../../lib/core/object/oid.js';
import { EMPTY_TREE } from '../../lib/core/object/read.js';
import { encodeUtf8 } from '../../lib/core/object/text.js';
import { MemoryObjects } from './memory-objects.js';

/** A history as its commits, parents before children: for each the earlier commits it has as parents, and its date. */
type History = readonly { readonly parents: readonly number[]; readonly time: number }[];

/** Any shape, with clocks that may run backwards. */
const histories: fc.Arbitrary<History> = fc
  .array(fc.record({ picks: fc.array(fc.nat(), { maxLength: 3 }), time: fc.integer({ min: 1, max: 2_000_000_000 }) }), {
    minLength: 2,
    maxLength: 14,
  })
  .map((commits) =>
    commits.map(({ picks, time }, i) => ({
      parents: i === 0 ? [] : [...new Set(picks.map((pick) => pick % i))],
      time,
    })),
  );

function build(history: History): { objects: MemoryObjects; oids: Oid[] } {
  const objects = new MemoryObjects();
  const oids: Oid[] = [];
  for (const [i, { parents, time }] of history.entries()) {
    const signature = { actor: 'actor-1', time, offset: 0 };
    const commit = { tree: EMPTY_TREE, parents: parents.map((p) => oids[p]!), author: signature, committer: signature };
    oids.push(objects.write({ type: 'commit', body: encodeCommit({ ...commit, message: `${i}\n` }) }));
  }
  return { objects, oids };
}

/** The same history in a real repository. */
function buildInGit(directory: string, history: History): void {
  const signature = (time: number) => `actor-1 <${actorEmail('actor-1')}> ${time} +0000`;
  const commands = history.flatMap(({ parents, time }, i) => [
    // A branch of its own for each commit, so that fast-import takes no parent we did not name.
    `commit refs/heads/c${i}`,
    `mark :${i + 1}`,
    `author ${signature(time)}`,
    `committer ${signature(time)}`,
    `data ${`${i}\n`.length}\n${i}\n`,
    ...parents.map((parent, n) => `${n === 0 ? 'from' : 'merge'} :${parent + 1}`),
    '',
  ]);
  execFileSync('git', ['init', '-q', '--bare', directory]);
  execFileSync('git', ['fast-import', '--quiet', '--date-format=raw-permissive'], {
    cwd: directory,
    input: commands.join('\n'),
  });
}

t.test('on random histories, clocks running backwards included, git gives the same answers', async (t) => {
  const folder = t.testdir();
  let run = 0;
  fc.assert(
    fc.property(histories, (history) => {
      const { objects, oids } = build(history);
      const graph = commitGraph(objects);
      const directory = `${folder}/${run++}`;
      buildInGit(directory, history);
      const git = (...args: string[]) => {
        try {
          return execFileSync('git', args, { cwd: directory, encoding: 'utf8' }).split('\n').filter(Boolean);
        } catch (error) {
          if ((error as { status: number }).status === 1) return [];
          throw error;
        }
      };
      const a = oids.at(-1)!;
      const b = oids.at(-2)!;
      t.strictSame(mergeBases(graph, a, b), git('merge-base', '--all', a, b).sort(), 'merge bases');
      t.strictSame(
        revWalk(graph, [a], [b]).sort(),
        git('rev-list', a, `^${b}`).sort(),
        'commits that only one side has',
      );
      t.equal(contains(graph, a, b), git('rev-list', b, `^${a}`).length === 0, 'whether one contains the other');
    }),
    { numRuns: 25, seed: 20261122 },
  );
});

t.test('a walk lists children before their parents, in the same order whatever the dates say', async (t) => {
  fc.assert(
    fc.property(histories, (history) => {
      const { objects, oids } = build(history);
      const order = revWalk(commitGraph(objects), [oids.at(-1)!]);
      for (const [i, { parents }] of history.entries()) {
        for (const parent of parents) {
          if (!order.includes(oids[i]!)) continue;
          if (order.indexOf(oids[i]!) >= order.indexOf(oids[parent]!)) return false;
        }
      }
      return new Set(order).size === order.length;
    }),
  );
  t.pass('for every generated history');
});

t.test('a very long history is walked without a deep stack', async (t) => {
  const history = Array.from({ length: 20_000 }, (_, i) => ({ parents: i === 0 ? [] : [i - 1], time: i }));
  const { objects, oids } = build(history);
  const graph = commitGraph(objects);
  t.equal(graph.generation(oids.at(-1)!), 20_000);
  t.equal(revWalk(graph, [oids.at(-1)!], [oids[100]!]).length, 19_899);
});

t.test('what has to be sent', async (t) => {
  const objects = new MemoryObjects();
  const commitFiles = (parents: readonly Oid[], tree: Oid): Oid => {
    const signature = { actor: 'actor-1', time: parents.length, offset: 0 };
    return objects.write({
      type: 'commit',
      body: encodeCommit({ tree, parents, author: signature, committer: signature, message: 'x\n' }),
    });
  };
  const edit = (root: Oid | null, path: string, text: string): Oid => {
    const oid = objects.write({ type: 'blob', body: encodeUtf8(text) });
    const edited = applyTreeEdits(objects, root, [{ path, version: { mode: '100644', oid } }]);
    for (const object of edited.objects) objects.write(object);
    return edited.tree;
  };
  const firstTree = edit(edit(null, 'plans/A/A-1.md', 'one\n'), 'stories/A/A-1.md', 'two\n');
  const first = commitFiles([], firstTree);
  const second = commitFiles([first], edit(firstTree, 'stories/A/A-1.md', 'changed\n'));
  const graph = commitGraph(objects);
  const types = (tip: Oid, known: Oid[]) => [...newObjects(objects, graph, tip, known)].map(({ type }) => type);

  t.strictSame(
    types(second, [first]),
    ['blob', 'tree', 'tree', 'tree', 'commit'],
    'one edit: its blob, its folders, its commit',
  );
  t.strictSame(types(second, [second]), [], 'nothing, when the other side has it');
  t.equal(types(second, []).filter((type) => type === 'commit').length, 2, 'everything, to an empty origin');

  const receiver = new MemoryObjects();
  for (const { oid } of newObjects(objects, graph, second, [])) {
    receiver.write(objects.read(oid));
    t.strictSame([...brokenLinks(receiver, [oid])], [], `a ${objects.read(oid).type} comes after everything it names`);
  }
});

t.test('a missing object is found, and who named it', async (t) => {
  const objects = new MemoryObjects();
  const gone = 'a'.repeat(40);
  const { tree, objects: made } = applyTreeEdits(objects, null, [
    { path: 'plans/x.md', version: { mode: '100644', oid: gone } },
  ]);
  for (const object of made) objects.write(object);
  const broken = [...brokenLinks(objects, [tree])];
  t.strictSame(
    broken.map(({ to }) => to),
    [{ oid: gone, type: 'blob' }],
  );
});
