import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import { commitGraph } from '../../../lib/core/graph/commit-graph.js';
import { type MergeCommitsOptions, mergeCommits } from '../../../lib/core/merge/merge-commits.js';
import { readCommit } from '../../../lib/core/object/read.js';
import { fuzz, random } from '../../fuzz.js';
import { MemoryObjects } from '../memory-objects.js';
import { type MergeAnswer, ownAnswer, readAnswer } from './merge-answer.js';
import { type RandomGraph, randomGraph } from './random-graphs.js';
import { filesInGit, filesOf, isSound } from './sound-answer.js';

const GRAPHS = 120;
const STYLES = ['merge', 'diff3', 'zdiff3'] as const;
const DIRECTORY_RENAMES = ['conflict', true, false] as const;

type Git = ReturnType<MemoryObjects['repository']>;
type Settings = Required<Pick<MergeCommitsOptions, 'style' | 'directoryRenames'>>;
type Tips = readonly [ours: string, theirs: string];

fuzz('random histories merge as `git merge-tree` says', 1, async (t, seed) => {
  const next = random(seed);
  const graphs = Array.from({ length: GRAPHS }, () => randomGraph(next));
  const objects = new MemoryObjects();
  const tips = graphs.map((graph) => writeGraph(objects, graph));
  const git = objects.repository(t.testdir());
  let slips = 0;
  for (const [i, style] of STYLES.entries()) {
    const settings: Settings = { style, directoryRenames: DIRECTORY_RENAMES[(seed + i) % DIRECTORY_RENAMES.length]! };
    const cases = tips.filter((_, at) => at % STYLES.length === i);
    slips += compare(t, objects, git, cases, settings);
  }
  t.ok(slips <= GRAPHS / 20, `git itself slips in ${slips} of ${GRAPHS}`);
});

function writeGraph(objects: MemoryObjects, graph: RandomGraph): Tips {
  const oids: string[] = [];
  for (const { files, parents, time } of graph) {
    const parentIds = parents.map((at) => oids[at]!);
    oids.push(objects.commitTree(objects.tree(files), parentIds, time));
  }
  return [oids.at(-2)!, oids.at(-1)!];
}

/** @returns how many cases could not be compared, for git did not come to an answer that holds together */
function compare(t: Test, objects: MemoryObjects, git: Git, cases: readonly Tips[], settings: Settings): number {
  let slips = 0;
  for (const [i, answer] of gitAnswers(git, cases, settings).entries()) {
    const [ours, theirs] = cases[i]!;
    const merged = mergeCommits(objects, commitGraph(objects), ours, theirs, {
      ...settings,
      labels: { ours, theirs },
      allowUnrelated: true,
      abbreviate: (oid) => oid,
    });
    const treeOf = (commit: string) => readCommit(objects, commit).tree;
    const own = ownAnswer(objects, treeOf(ours), merged);
    const files = (commit: string) => filesOf(objects, treeOf(commit));
    const inputs = [files(ours), files(theirs), ...merged.bases.map(files)] as const;
    const what = `${ours.slice(0, 7)} ${theirs.slice(0, 7)}, ${JSON.stringify(settings)}`;
    if (!isSound(own, filesOf(objects, own.tree), inputs)) t.fail(`${what} has an answer that holds together`);
    const same = isDeepStrictEqual(own, answer);
    if (same || (answer && isSound(answer, filesInGit(git, answer.tree), inputs))) t.same(own, answer, what);
    else slips++;
  }
  return slips;
}

/** Null where git came to no answer: some histories make it stop at an assertion. */
function gitAnswers(git: Git, cases: readonly Tips[], { style, directoryRenames }: Settings): (MergeAnswer | null)[] {
  const config = ['core.abbrev=40', `merge.conflictStyle=${style}`, `merge.directoryRenames=${directoryRenames}`];
  const args = ['merge-tree', '--write-tree', '-z', '--messages', '--allow-unrelated-histories', '--stdin'];
  const answers: (MergeAnswer | null)[] = [];
  while (answers.length < cases.length) {
    const lines = cases.slice(answers.length).map((tips) => `${tips.join(' ')}\n`);
    const { status, stdout, stderr } = git([...config.flatMap((line) => ['-c', line]), ...args], lines.join(''));
    // Each answer ends in an empty field, and may be followed by advice on submodules, up to the next one's verdict.
    for (let fields: readonly string[] = stdout.toString().split('\0'); fields.length > 3; ) {
      const { answer, rest } = readAnswer(fields[0]!.endsWith('1'), fields.slice(1));
      answers.push(answer);
      fields = rest.slice(1);
    }
    if (status === 0) continue;
    if (!/BUG|Assertion/.test(stderr)) throw new Error(stderr);
    answers.push(null);
  }
  return answers;
}
