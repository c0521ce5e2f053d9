import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { MergeMessage } from '../../../lib/core/merge/merge-message.js';
import { type MergedTrees, mergeTrees } from '../../../lib/core/merge/merge-trees.js';
import type { MergeLabels } from '../../../lib/core/merge/merge-versions.js';
import { encodeCommit } from '../../../lib/core/object/commit.js';
import { applyTreeEdits } from '../../../lib/core/object/edit-tree.js';
import { EMPTY_TREE } from '../../../lib/core/object/read.js';
import type { FileMode } from '../../../lib/core/object/tree.js';
import { repoRoot } from '../../paths.js';
import { type Files, MemoryObjects } from '../memory-objects.js';
import { treeTriples } from './random-trees.js';

/** What `git merge-tree` answers: tree id, stage entries, messages. */
interface Answer {
  tree: string;
  stages: string[];
  messages: MergeMessage[];
}

const LABELS = { ours: 'ours', base: 'base', theirs: 'theirs' };

function apply(objects: MemoryObjects, ours: string | null, merge: MergedTrees): string {
  for (const blob of merge.blobs) objects.write(blob);
  return applyTreeEdits(objects, ours, merge.edits).tree;
}

function ownAnswer(objects: MemoryObjects, [base, ours, theirs]: (string | null)[], options: MergeLabels): Answer {
  const merge = mergeTrees(objects, base!, ours!, theirs!, options);
  const stages = merge.stages.map(({ path, stage, version }) => `${version.mode} ${version.oid} ${stage}\t${path}`);
  return { tree: apply(objects, ours!, merge), stages, messages: [...merge.messages] };
}

/** Reads the answer of `git merge-tree -z`; each message is `<count>\0` paths `<type>\0<text>\0`. */
function gitAnswer(stdout: string): Answer {
  const [tree, ...rest] = stdout.split('\0');
  const end = rest.indexOf('');
  const messages: Answer['messages'] = [];
  for (let at = end + 1; /^\d+$/.test(rest[at] ?? ''); ) {
    const paths = Number(rest[at]);
    const text = rest[at + paths + 2]!.trimEnd();
    messages.push({ paths: rest.slice(at + 1, at + paths + 1), type: rest[at + paths + 1]!, text });
    at += paths + 3;
  }
  return { tree: tree!, stages: rest.slice(0, end), messages };
}

interface TreeCase {
  name: string;
  config: string[];
  graph: { ref: string; tree: Record<string, [FileMode, string]>; parents: string[] }[];
  baseLabel?: string;
  exit: number;
  tree: string;
  stdoutZ: string;
}

t.test('the recorded answers of git, in fixtures/merge/tree-cases.json', async (t) => {
  const cases = JSON.parse(readFileSync(join(repoRoot, 'fixtures', 'merge', 'tree-cases.json'), 'utf8')) as TreeCase[];
  for (const { name, config, graph, baseLabel = 'base', exit, tree, stdoutZ } of cases) {
    const objects = new MemoryObjects();
    const trees = new Map<string, string>();
    for (const commit of graph) {
      const files = Object.entries(commit.tree).map(([path, [mode, contents]]) => {
        const bytes = mode === '160000' ? contents : Buffer.from(contents, 'base64');
        return [path, [mode, bytes]] as const;
      });
      trees.set(commit.ref, objects.tree(Object.fromEntries(files)));
    }
    const parent = (ref: string) => graph.find((commit) => commit.ref === ref)!.parents[0]!;
    const base = parent('ours') === 'theirs' ? 'theirs' : parent('theirs');
    const style = (config[0]?.split('=')[1] ?? 'merge') as NonNullable<MergeLabels['style']>;
    const options = { labels: { ...LABELS, base: baseLabel }, style };
    const own = ownAnswer(objects, [trees.get(base)!, trees.get('ours')!, trees.get('theirs')!], options);
    const git = gitAnswer(Buffer.from(stdoutZ, 'base64').toString());
    // Git does not print what it did for a clean merge, unless asked to.
    if (exit === 0 && git.messages.length === 0) own.messages = [];
    t.same({ ...own, conflicted: own.stages.length > 0 }, { ...git, tree, conflicted: exit === 1 }, name);
  }
});

t.test('random trees merge as `git merge-tree` says', async (t) => {
  const cases = fc.sample(treeTriples, { numRuns: 150, seed: 4 });
  const objects = new MemoryObjects();
  const commit = (tree: string, parents: string[]) => {
    const who = { actor: 'a', time: 1_700_000_000, offset: 0 };
    const body = encodeCommit({ tree, parents, author: who, committer: who, message: 'm\n' });
    return objects.write({ type: 'commit', body });
  };
  const commits = cases.map((files) => {
    const trees = [objects.tree(files.base), objects.tree(files.ours), objects.tree(files.theirs)] as const;
    const base = commit(trees[0], []);
    return { trees, base, ours: commit(trees[1], [base]), theirs: commit(trees[2], [base]) };
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
    const own = ownAnswer(objects, [...trees], { labels, style });
    const expected = gitAnswer(answer.stdout.toString());
    // Git also tells of files it would move aside when their side left them unchanged and so they are just gone.
    expected.messages = expected.messages.filter(
      ({ paths, text }) =>
        !text.includes('(file/directory)') || expected.stages.some((entry) => entry.endsWith(`\t${paths[0]}`)),
    );
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
