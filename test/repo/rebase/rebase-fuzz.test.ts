/** Replays random histories beside `git rebase`: the same commits, in the same order, with the same trees and the same stops. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitGraph } from '../../../lib/core/graph/commit-graph.js';
import { encodeCommit } from '../../../lib/core/object/commit.js';
import { applyTreeEdits } from '../../../lib/core/object/edit-tree.js';
import { findPath } from '../../../lib/core/object/find-path.js';
import type { Oid } from '../../../lib/core/object/oid.js';
import { readBlob, readCommit } from '../../../lib/core/object/read.js';
import { planRebase } from '../../../lib/repo/rebase/plan-rebase.js';
import { remakeCommit, replay, type StoppedReplay } from '../../../lib/repo/rebase/replay.js';
import { type Files, MemoryObjects } from '../../core/memory-objects.js';
import { fuzz, random } from '../../fuzz.js';

type Dice = (limit: number) => number;
type Edit = (files: Files) => Files;
/** What to do where a commit conflicts. */
type Answer = 'skip' | 'ours' | 'theirs';

interface History {
  readonly objects: MemoryObjects;
  readonly head: Oid;
  readonly upstream: Oid;
}

const COMMITTER = { actor: 'actor-c', time: 2_000_000_000, offset: 0 };
const NAMES = ['a', 'b', 'c', 'd'];
/** The folder that files move to has one that stays: where a whole folder moves back, git loses files, and a merge here does not. */
const START: Files = {
  ...Object.fromEntries(NAMES.slice(0, 3).map((name) => [name, linesOf(name)])),
  'moved/stays': 'This stays.\n',
};

function linesOf(name: string): string {
  return ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((line) => `${name} ${line}\n`).join('');
}

/** A change that two people may well make alike; it changes something wherever it is made. */
function randomEdit(dice: Dice): Edit {
  const name = NAMES[dice(NAMES.length)]!;
  const at = dice(8);
  const text = `${name} ${['red', 'green', 'blue'][dice(3)]}\n`;
  const kind = dice(12);
  return (files) => {
    const path = [name, `moved/${name}`].find((candidate) => candidate in files);
    if (!path) return { ...files, [name]: linesOf(name) };
    const { [path]: contents, ...others } = files;
    const lines = (contents as string).split(/(?<=\n)/);
    if (kind === 0 && Object.keys(others).length > 0) return others;
    if (kind < 3) return { ...others, [path === name ? `moved/${name}` : name]: contents! };
    if (kind < 6) return { ...files, [path]: lines.toSpliced(at, 0, text).join('') };
    const replaced = lines.with(Math.min(at, lines.length - 1), text).join('');
    return { ...files, [path]: replaced === contents ? `${replaced}${text}` : replaced };
  };
}

function randomHistory(dice: Dice): History {
  const objects = new MemoryObjects();
  const trees = new Map<Oid, Files>();
  let count = 0;
  const commit = (parents: readonly Oid[], files: Files): Oid => {
    const author = { actor: 'actor-a', time: 1_700_000_000 + 60 * count, offset: 60 };
    const message = `commit ${count++}\n`;
    const tree = objects.tree(files);
    const oid = objects.write({
      type: 'commit',
      body: encodeCommit({ tree, parents, author, committer: author, message }),
    });
    trees.set(oid, files);
    return oid;
  };
  const step = (parent: Oid, edit: Edit) => commit([parent], edit(trees.get(parent)!));

  const base = commit([], START);
  const own: Edit[] = [];
  const ownEdit = () => {
    own.push(randomEdit(dice));
    return own.at(-1)!;
  };
  let head = base;
  for (let i = 1 + dice(4); i > 0; i--) {
    if (dice(3) > 0) {
      head = step(head, ownEdit());
      continue;
    }
    const fork = head;
    const edit = ownEdit();
    const side = step(step(fork, edit), ownEdit());
    const mine = step(fork, ownEdit());
    head = commit(dice(2) === 0 ? [mine, side] : [side, mine], edit(trees.get(mine)!));
  }
  let upstream = base;
  for (let i = dice(4); i > 0; i--)
    upstream = step(upstream, dice(3) === 0 ? own[dice(own.length)]! : randomEdit(dice));
  return { objects, head, upstream };
}

/** A stop: the commit, and what stands at each path that conflicts. */
interface Stop {
  readonly subject: string;
  readonly files: Readonly<Record<string, string | null>>;
}

interface Outcome {
  readonly stops: readonly Stop[];
  /** Tree, author, author time and subject of each commit that upstream lacks, the first one first. */
  readonly commits: readonly string[];
}

function rebaseHere({ objects, head, upstream }: History, answers: readonly Answer[]): Outcome {
  const plan = planRebase(objects, commitGraph(objects), head, upstream, { label: 'upstream' });
  const options = { settings: {}, committer: COMMITTER, abbreviate: (oid: Oid) => oid.slice(0, 7) };
  const stops: Stop[] = [];
  let at = plan.do === 'nothing' ? head : upstream;
  for (let todo: readonly Oid[] | undefined = plan.do === 'replay' ? plan.todo : []; todo; ) {
    const { head, stopped } = replay(objects, at, todo, options);
    at = head;
    if (stopped) {
      const answer = answers[stops.length % answers.length]!;
      stops.push(describeStop(objects, stopped));
      if (answer !== 'skip')
        at = remakeCommit(objects, at, stopped.commit, settle(objects, stopped, answer), COMMITTER) ?? at;
    }
    todo = stopped?.todo;
  }
  const commits: string[] = [];
  for (let oid = at; oid !== upstream; oid = readCommit(objects, oid).parents[0]!) {
    const { tree, author, message } = readCommit(objects, oid);
    commits.unshift(`${tree} ${author.actor} ${author.time} ${message.trim()}`);
  }
  return { stops, commits };
}

function describeStop(objects: MemoryObjects, { commit, tree, conflicts }: StoppedReplay): Stop {
  const files = conflicts.map(({ path }) => {
    const found = findPath(objects, tree, path);
    return [path, found ? Buffer.from(readBlob(objects, found.oid)).toString() : null];
  });
  return { subject: readCommit(objects, commit).message.trim(), files: Object.fromEntries(files) };
}

function settle(objects: MemoryObjects, { tree, conflicts }: StoppedReplay, side: 'ours' | 'theirs'): Oid {
  const edits = conflicts.map((conflict) => ({ path: conflict.path, version: conflict[side] }));
  const settled = applyTreeEdits(objects, tree, edits);
  for (const object of settled.objects) objects.write(object);
  return settled.tree;
}

function rebaseThere({ objects, head, upstream }: History, answers: readonly Answer[], folder: string): Outcome {
  const inGit = objects.repository(join(folder));
  inGit(['update-ref', 'refs/heads/upstream', upstream]);
  inGit(['update-ref', 'refs/heads/topic', head]);
  const worktree = join(folder, 'wt');
  inGit(['worktree', 'add', '-q', worktree, 'topic']);
  const env = {
    PATH: process.env.PATH!,
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_EDITOR: 'true',
    GIT_COMMITTER_NAME: 'c',
    GIT_COMMITTER_EMAIL: 'c@c',
  };
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: worktree, env, encoding: 'utf8' });
    return { status, lines: stdout.split('\n').filter(Boolean), stderr };
  };
  const stops: Stop[] = [];
  for (let ran = git('rebase', 'upstream'); ran.status !== 0; ) {
    const [subject] = git('log', '-1', '--format=%s', 'REBASE_HEAD').lines;
    if (subject === undefined) throw new Error(ran.stderr);
    const paths = git('diff', '--name-only', '--diff-filter=U').lines;
    const files = Object.fromEntries(paths.map((path) => [path, read(join(worktree, path))]));
    const answer = answers[stops.length % answers.length]!;
    stops.push({ subject, files });
    if (answer !== 'skip') {
      for (const path of paths) {
        if (git('checkout', `--${answer}`, '--', path).status === 0) git('add', path);
        else git('rm', '-q', path);
      }
    }
    ran = git('rebase', answer === 'skip' ? '--skip' : '--continue');
  }
  return { stops, commits: git('log', '--reverse', '--topo-order', '--format=%T %an %at %s', 'upstream..HEAD').lines };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

fuzz('a rebase makes the commits that git makes', 20_251, async (t, seed) => {
  const dice = random(seed);
  const seen = { stops: 0, commits: 0 };
  for (let i = 0; i < 30; i++) {
    const history = randomHistory(dice);
    const answers = Array.from({ length: 5 }, () => (['skip', 'ours', 'theirs'] as const)[dice(3)]!);
    const folder = mkdtempSync(join(tmpdir(), 'rebase-fuzz-'));
    const ours = rebaseHere(history, answers);
    const theirs = rebaseThere(history, answers, folder);
    rmSync(folder, { recursive: true, force: true });
    t.strictSame(ours, theirs, `history ${i}, answered ${answers}`);
    seen.stops += ours.stops.length;
    seen.commits += ours.commits.length;
  }
  t.ok(seen.stops > 2 && seen.commits > 20, 'there were conflicts among them, and commits', seen);
});
