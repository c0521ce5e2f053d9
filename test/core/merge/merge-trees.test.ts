import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { commitGraph } from '../../../lib/core/graph/commit-graph.js';
import { mergeCommits } from '../../../lib/core/merge/merge-commits.js';
import { type MergedTrees, mergeTrees } from '../../../lib/core/merge/merge-trees.js';
import { applyTreeEdits } from '../../../lib/core/object/edit-tree.js';
import { EMPTY_TREE, readCommit } from '../../../lib/core/object/read.js';
import type { FileMode } from '../../../lib/core/object/tree.js';
import { repoRoot } from '../../paths.js';
import { type Files, MemoryObjects } from '../memory-objects.js';
import { ownAnswer, readAnswer } from './merge-answer.js';
import { treeTriples } from './random-trees.js';

const LABELS = { ours: 'ours', base: 'base', theirs: 'theirs' };

function apply(objects: MemoryObjects, ours: string | null, merge: MergedTrees): string {
  for (const blob of merge.blobs) objects.write(blob);
  return applyTreeEdits(objects, ours, merge.edits).tree;
}

interface TreeCase {
  readonly name: string;
  readonly style?: 'diff3' | 'zdiff3';
  readonly directoryRenames?: boolean;
  /** What git called the commits that markers name. */
  readonly short?: string;
  readonly graph: readonly {
    readonly ref: string;
    readonly time: number;
    readonly parents: readonly string[];
    /** Mode, and a place among the contents, or the commit of a submodule. */
    readonly tree: Record<string, readonly [FileMode, number | string]>;
  }[];
  readonly exit: number;
  /** What `git merge-tree -z` printed. */
  readonly answer: string;
}

t.test('the recorded answers of git, in fixtures/merge/tree-cases.json', async (t) => {
  const recorded = readFileSync(join(repoRoot, 'fixtures', 'merge', 'tree-cases.json'), 'utf8');
  const { contents, cases } = JSON.parse(recorded) as { contents: string[]; cases: TreeCase[] };
  for (const { name, graph, exit, answer, short, ...options } of cases) {
    const objects = new MemoryObjects();
    const commits = new Map<string, string>();
    for (const { ref, time, parents, tree } of graph) {
      const files = Object.entries(tree).map(
        ([path, [mode, file]]) => [path, [mode, typeof file === 'string' ? file : contents[file]!]] as const,
      );
      const parentIds = parents.map((parent) => commits.get(parent)!);
      commits.set(ref, objects.commitTree(objects.tree(Object.fromEntries(files)), parentIds, time));
    }
    const [ours, theirs] = [commits.get('ours')!, commits.get('theirs')!];
    const merge = () =>
      mergeCommits(objects, commitGraph(objects), ours, theirs, {
        ...options,
        labels: { ours: 'ours', theirs: 'theirs' },
        abbreviate: () => short ?? '',
      });
    if (exit === 128) {
      t.throws(merge, { code: 'UNRELATED_HISTORIES' }, name);
      continue;
    }
    const own = ownAnswer(objects, readCommit(objects, ours).tree, merge());
    const git = readAnswer(exit === 0, answer.split('\0')).answer;
    t.same(own, git, name);
  }
});

t.test('random trees merge as `git merge-tree` says', async (t) => {
  const cases = fc.sample(treeTriples, { numRuns: 150, seed: 4 });
  const objects = new MemoryObjects();
  const commits = cases.map((files) => {
    const trees = [objects.tree(files.base), objects.tree(files.ours), objects.tree(files.theirs)] as const;
    const base = objects.commitTree(trees[0], []);
    return { trees, base, ours: objects.commitTree(trees[1], [base]), theirs: objects.commitTree(trees[2], [base]) };
  });
  const git = objects.repository(t.testdir());
  const refs = commits.flatMap(({ ours, theirs }, i) => [
    `create refs/heads/${i}/ours ${ours}`,
    `create refs/heads/${i}/theirs ${theirs}`,
  ]);
  git(['update-ref', '--stdin'], `${refs.join('\n')}\n`);
  const short = git(['log', '--no-walk=unsorted', '--format=%h', ...commits.map(({ base }) => base)])
    .stdout.toString()
    .split('\n');
  for (const [i, { trees }] of commits.entries()) {
    const style = (['merge', 'diff3', 'zdiff3'] as const)[i % 3]!;
    const labels = { ours: `${i}/ours`, base: short[i]!, theirs: `${i}/theirs` };
    const args = ['-c', `merge.conflictStyle=${style}`, 'merge-tree', '--write-tree', '-z', '--messages'];
    const answer = git([...args, labels.ours, labels.theirs]);
    const own = ownAnswer(objects, trees[1], mergeTrees(objects, ...trees, { labels, style }));
    const expected = readAnswer(answer.status === 0, answer.stdout.toString().split('\0')).answer;
    t.same(own, expected, `triple ${i}, ${style}: ${own.stages.length} stage entries`);
  }
});

t.test('whoever changed nothing gets what the other has', async (t) => {
  const holds = fc.property(treeTriples, (files) => {
    const objects = new MemoryObjects();
    const [base, other] = [objects.tree(files.base), objects.tree(files.ours)];
    const cases = [
      [base, other, base],
      [base, base, other],
      [base, other, other],
      [null, other, null],
      [null, null, other],
    ];
    return cases.every(([b, ours, theirs]) => {
      const merge = mergeTrees(objects, b!, ours!, theirs!, { labels: LABELS });
      return apply(objects, ours!, merge) === other && merge.conflicts.length + merge.messages.length === 0;
    });
  });
  t.doesNotThrow(() => fc.assert(holds, { numRuns: 200, seed: 5 }));
});

t.test('only folders that differ are read, and only files that both sides changed', async (t) => {
  const objects = new MemoryObjects();
  const files: Files = {};
  for (let i = 0; i < 40; i++) for (let j = 0; j < 10; j++) files[`plans/P${i}/${j}.md`] = `${i} ${j}\n\n\n\n`;
  const base = objects.tree(files);
  const ours = objects.tree({ ...files, 'plans/P1/1.md': 'ours\n\n\n\n', 'plans/P2/2.md': 'ours' });
  const theirs = objects.tree({ ...files, 'plans/P1/1.md': '1 1\n\n\n\ntheirs', 'plans/P3/3.md': 'theirs' });
  objects.reads.length = 0;
  const merge = mergeTrees(objects, base, ours, theirs, { labels: LABELS });
  t.same(
    merge.edits.map(({ path }) => path),
    ['plans/P1/1.md', 'plans/P3/3.md'],
  );
  t.same(merge.merged, ['plans/P1/1.md']);
  const folders = ['', 'plans', 'plans/P1', 'plans/P3'];
  t.ok(objects.reads.length <= folders.length * 3 + 3, 'four folders and one file of each tree, at most');
});

t.test('what a conflict tells its reader', async (t) => {
  const objects = new MemoryObjects();
  const base = objects.tree({ f: 'b\n', g: 'b\n' });
  const ours = objects.tree({ f: 'o\n', g: 'o\n' });
  const theirs = objects.tree({ f: 't\n' });
  const labels = { ours: 'HEAD', base: 'base', theirs: 'origin/main' };
  const merge = mergeTrees(objects, base, ours, theirs, { labels });
  const version = (contents: string) => ({ mode: '100644', oid: objects.blob(contents) });
  const line = { start: 0, end: 1 };
  t.same(merge.conflicts, [
    {
      path: 'f',
      kind: 'content',
      base: version('b\n'),
      ours: version('o\n'),
      theirs: version('t\n'),
      message: 'CONFLICT (content): Merge conflict in f',
      hunks: [{ base: line, ours: line, theirs: line, result: { start: 0, end: 5 } }],
    },
    {
      path: 'g',
      kind: 'modify/delete',
      base: version('b\n'),
      ours: version('o\n'),
      theirs: null,
      message:
        'CONFLICT (modify/delete): g deleted in origin/main and modified in HEAD.  Version HEAD of g left in tree.',
      hunks: [],
    },
  ]);
  t.equal(
    apply(objects, ours, merge),
    objects.tree({ f: '<<<<<<< HEAD\no\n=======\nt\n>>>>>>> origin/main\n', g: 'o\n' }),
  );
  t.equal(apply(objects, base, mergeTrees(objects, base, base, null, { labels })), EMPTY_TREE, 'all deleted');
});
