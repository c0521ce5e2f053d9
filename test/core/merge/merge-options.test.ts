import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { commitGraph } from '../../../lib/core/graph/commit-graph.js';
import { type MergeCommitsOptions, mergeCommits } from '../../../lib/core/merge/merge-commits.js';
import type { ContentMerge } from '../../../lib/core/merge/merge-driver.js';
import { abbreviate } from '../../../lib/core/object/abbreviate.js';
import { readCommit } from '../../../lib/core/object/read.js';
import { decodeUtf8 } from '../../../lib/core/object/text.js';
import { type Files, MemoryObjects } from '../memory-objects.js';
import { ownAnswer, readAnswer } from './merge-answer.js';
import { filesInGit, filesOf } from './sound-answer.js';

const LINES = Array.from({ length: 12 }, (_, i) => `line ${i}\n`);

function text(...edits: readonly [line: number, text: string][]): string {
  return LINES.map((line, i) => edits.find(([at]) => at === i)?.[1] ?? line).join('');
}

interface Sides {
  readonly what: string;
  readonly base: Files;
  readonly ours: Files;
  readonly theirs: Files;
}

/** A history of three commits in memory, and its merge. */
function history({ base, ours, theirs }: Omit<Sides, 'what'>) {
  const objects = new MemoryObjects();
  const root = objects.commitTree(objects.tree(base), []);
  const tips = [
    objects.commitTree(objects.tree(ours), [root]),
    objects.commitTree(objects.tree(theirs), [root]),
  ] as const;
  const merge = (options: Partial<MergeCommitsOptions> = {}) => {
    const merged = mergeCommits(objects, commitGraph(objects), ...tips, {
      labels: { ours: 'HEAD', theirs: 'theirs' },
      ...options,
    });
    return { merged, answer: ownAnswer(objects, readCommit(objects, tips[0]).tree, merged) };
  };
  return { objects, tips, merge };
}

const conflicts: Sides[] = [
  {
    what: 'lines that both sides changed, and others that only one did',
    base: { f: text() },
    ours: { f: text([1, 'ours\n'], [5, 'ours\n']) },
    theirs: { f: text([1, 'theirs\n'], [9, 'theirs\n']) },
  },
  {
    what: 'a file that both sides added',
    base: { z: 'z' },
    ours: { z: 'z', f: 'ours\n' },
    theirs: { z: 'z', f: 'theirs\n' },
  },
  { what: 'a binary file', base: { f: 'b\0' }, ours: { f: 'o\0' }, theirs: { f: 't\0' } },
  {
    what: 'a binary file that both sides added',
    base: { z: 'z' },
    ours: { z: 'z', f: 'o\0' },
    theirs: { z: 'z', f: 't\0' },
  },
  {
    what: 'a link',
    base: { f: ['120000', 'base'] },
    ours: { f: ['120000', 'ours'] },
    theirs: { f: ['120000', 'theirs'] },
  },
  {
    what: 'a file that ours deleted',
    base: { f: text(), z: 'z' },
    ours: { z: 'z' },
    theirs: { f: text([1, 'theirs\n']), z: 'z' },
  },
  {
    what: 'a file that theirs deleted',
    base: { f: text(), z: 'z' },
    ours: { f: text([1, 'ours\n']), z: 'z' },
    theirs: { z: 'z' },
  },
  { what: 'modes that differ', base: { z: 'z' }, ours: { z: 'z', f: 'f' }, theirs: { z: 'z', f: ['100755', 'f'] } },
  {
    what: 'a file and a link',
    base: { z: 'z' },
    ours: { z: 'z', f: 'f' },
    theirs: { z: 'z', f: ['120000', 'f'] },
  },
  { what: 'a file and a folder', base: { z: 'z' }, ours: { z: 'z', f: 'f' }, theirs: { z: 'z', 'f/g': 'g' } },
  {
    what: 'a file with two new names, and lines that both sides changed',
    base: { f: text() },
    ours: { g: text([1, 'ours\n']) },
    theirs: { h: text([1, 'theirs\n']) },
  },
  {
    what: 'a file with a new name that collides, and lines that both sides changed',
    base: { f: text() },
    ours: { g: text([1, 'ours\n']) },
    theirs: { f: text([1, 'theirs\n']), g: 'another\n' },
  },
  {
    what: 'a file in a directory that got another name',
    base: { 'd/f': text(), 'd/g': 'g\n' },
    ours: { 'e/f': text(), 'e/g': 'g\n' },
    theirs: { 'd/f': text(), 'd/g': 'g\n', 'd/h': 'h\n' },
  },
];

t.test('in favour of one side only contents are settled, as `git merge -X` does', async (t) => {
  for (const { what, ...sides } of conflicts) {
    for (const favor of ['ours', 'theirs'] as const) {
      const { objects, tips, merge } = history(sides);
      const { answer } = merge({ favor });
      const git = gitMerge(t, objects, tips, ['-X', favor]);
      t.same(
        { clean: answer.clean, stages: answer.stages },
        { clean: git.clean, stages: git.unmerged },
        `${what}: ${favor}`,
      );
      t.same([...filesOf(objects, answer.tree)], git.files, `${what}: ${favor}, the files`);
    }
  }
});

/** Merges in a worktree, for `git merge-tree` 2.39 has no strategy options. */
function gitMerge(
  t: Test,
  objects: MemoryObjects,
  [ours, theirs]: readonly [string, string],
  options: readonly string[],
) {
  const dir = t.testdir();
  mkdirSync(join(dir, '.git'));
  objects.repository(join(dir, '.git'));
  const env = { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  const identity = ['user.name=A', 'user.email=a@example.org', 'gc.auto=0'].flatMap((line) => ['-c', line]);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: dir, env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  run('config', 'core.bare', 'false');
  run('reset', '-q', '--hard', ours);
  run('branch', 'theirs', theirs);
  const { status } = run('merge', '-q', '-m', 'm', ...options, 'theirs');
  const unmerged = run('ls-files', '-uz').stdout.split('\0').slice(0, -1);
  // What a merge shows on disk is what its tree has.
  run('add', '-A');
  const tree = run('write-tree').stdout.trim();
  const inGit = (args: readonly string[]) => ({ ...run(...args), stdout: Buffer.from(run(...args).stdout) });
  return { clean: status === 0, unmerged, files: [...filesInGit(inGit, tree)] };
}

t.test('what git says of the same merges when nobody is favoured', async (t) => {
  for (const { what, ...sides } of conflicts) {
    const { objects, tips, merge } = history(sides);
    const { answer } = merge();
    const git = gitMerge(t, objects, tips, []);
    t.same({ clean: answer.clean, stages: answer.stages }, { clean: git.clean, stages: git.unmerged }, what);
    t.same([...filesOf(objects, answer.tree)], git.files, `${what}, the files`);
  }
});

t.test('the limit of renames is git’s', async (t) => {
  const base: Files = {};
  const ours: Files = {};
  const theirs: Files = {};
  for (let i = 0; i < 3; i++) {
    base[`a${i}`] = text([0, `file ${i}\n`], [2, `${i}\n`], [4, `${i}\n`]);
    ours[`b${i}`] = text([0, `file ${i}\n`], [2, `${i}\n`], [4, `${i}\n`], [11, 'ours\n']);
    theirs[`a${i}`] = text([0, `file ${i}\n`], [2, `${i}\n`], [4, `${i}\n`], [8, 'theirs\n']);
  }
  for (const limit of [0, 1, 2, 3, 4]) {
    const { objects, tips, merge } = history({ base, ours, theirs });
    const git = objects.repository(t.testdir());
    const args = ['-c', `merge.renameLimit=${limit}`, 'merge-tree', '--write-tree', '-z', '--messages', ...tips];
    const { status, stdout } = git(args);
    const labels = { ours: tips[0], theirs: tips[1] };
    t.same(
      merge({ renameLimit: limit, labels }).answer,
      readAnswer(status === 0, stdout.toString().split('\0')).answer,
      `${limit}: ${status === 0 ? 'all are found' : 'none is'}`,
    );
  }
});

t.test('a merge driver', async (t) => {
  const both = {
    base: { f: text(), g: text(), h: 'h\0', i: text() },
    ours: { f: text([1, 'ours\n']), g: text([1, 'ours\n']), h: 'o\0', i: text([1, 'ours\n']) },
    theirs: { f: text([1, 'theirs\n']), g: text([9, 'theirs\n']), h: 't\0', i: text() },
  };
  const seen: ContentMerge[] = [];
  const { objects, tips, merge } = history(both);
  const bytes = new TextEncoder().encode('driven\n');
  const conflict = { kind: 'state', message: 'CONFLICT (state): went two ways' } as const;
  const hunk = {
    base: { start: 1, end: 2 },
    ours: { start: 1, end: 2 },
    theirs: { start: 1, end: 2 },
    result: { start: 0, end: 1 },
  };
  const { merged } = merge({
    driver: (merge) => {
      seen.push(merge);
      if (merge.path === 'f') return { bytes, hunks: [] };
      return merge.path === 'g' ? { bytes, hunks: [hunk], conflict } : undefined;
    },
  });
  t.same(
    seen.map(({ path }) => path).sort(),
    ['f', 'g'],
    'is asked about texts that both sides changed, and nothing else',
  );
  const asked = seen.find(({ path }) => path === 'f')!;
  t.equal(asked.text.status, 'conflicted', 'is told what the merge of lines makes of it');
  t.equal(
    decodeUtf8(asked.mergeLines(asked.base, asked.ours, asked.base).bytes),
    text([1, 'ours\n']),
    'and can merge parts',
  );
  t.notOk(
    merged.stages.some(({ path }) => path === 'f'),
    'settles a conflict of lines',
  );
  t.match(
    merged.conflicts.find(({ path }) => path === 'g'),
    { kind: 'state', message: conflict.message, hunks: [hunk] },
    'makes a conflict of what merged',
  );
  t.same(merged.blobs.length, 1, 'and what it answers is the contents');

  const [p, q] = tips;
  const cross = (one: string, other: string, files: Files) => objects.commitTree(objects.tree(files), [one, other]);
  const crossed = [cross(p, q, both.ours), cross(q, p, both.theirs)] as const;
  const paths: string[] = [];
  mergeCommits(objects, commitGraph(objects), ...crossed, {
    labels: { ours: 'HEAD', theirs: 'theirs' },
    driver: ({ path, base }) => {
      paths.push(`${path}: ${decodeUtf8(base).includes('<<<<<<<') ? 'merged base' : 'base'}`);
      return undefined;
    },
  });
  t.same(paths.sort(), ['f: merged base', 'g: base'], 'is not asked about what only makes a base');
});

t.test('a base is called by as many digits as tell it from other objects', async (t) => {
  const ids = (...oids: string[]) => ({
    findByPrefix: (prefix: string, limit: number) => oids.filter((oid) => oid.startsWith(prefix)).slice(0, limit),
  });
  const oid = '0123456789'.repeat(4);
  t.equal(abbreviate(ids(oid), oid), '0123456');
  t.equal(abbreviate(ids(oid, `01234567${'f'.repeat(32)}`), oid), '012345678');
  t.equal(abbreviate(ids(oid, `${oid.slice(0, 39)}f`), oid), oid);

  const conflict = { base: { f: 'b\n' }, ours: { f: 'o\n' }, theirs: { f: 't\n' } };
  const { objects, tips, merge } = history(conflict);
  const shown = (merged: ReturnType<typeof mergeCommits>) => decodeUtf8(merged.blobs[0]!.body).split('\n')[2];
  const [base] = merge().merged.bases;
  t.equal(shown(merge({ style: 'diff3' }).merged), `||||||| ${base!.slice(0, 7)}`);
  t.equal(
    shown(merge({ style: 'diff3', abbreviate: (oid) => abbreviate(objects, oid) }).merged),
    `||||||| ${base!.slice(0, 7)}`,
  );
  const stranger = objects.commitTree(objects.tree(conflict.theirs), []);
  const options = { labels: { ours: 'HEAD', theirs: 'theirs' }, style: 'diff3' } as const;
  const merged = mergeCommits(objects, commitGraph(objects), tips[0], stranger, { ...options, allowUnrelated: true });
  t.equal(shown(merged), '||||||| empty tree');
  t.throws(() => mergeCommits(objects, commitGraph(objects), tips[0], stranger, options), {
    code: 'UNRELATED_HISTORIES',
  });
});
