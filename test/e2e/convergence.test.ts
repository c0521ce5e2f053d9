/**
 * Ten stores do random things at once, and some of their processes are killed: in the end all have the same, and nothing is lost.
 *
 * `AGENT_TEST_FULL=1` makes it 1,000 operations and 50 kills with three seeds; `AGENT_CROWD_STORES`, `_OPERATIONS`, `_KILLS` and
 * `_SEED` set each. What is done is up to the seed, when it happens is not: a failure may need several tries to come again.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { diffTrees } from '../../lib/core/diff/diff-trees.js';
import { readBlob, readCommit } from '../../lib/core/object/read.js';
import { fsck, importArtifacts, log, pull, push, type Repository, status } from '../../lib/index.js';
import { treeOf } from '../../lib/repo/history/head.js';
import { refreshIndex } from '../../lib/repo/history/move-head.js';
import { random } from '../fuzz.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { becomeQuiet, type CrowdSize, type Step, work } from './crowd.js';
import { Developer, storyText } from './developer.js';

const full = process.env.AGENT_TEST_FULL !== undefined;
const number = (name: string, otherwise: number) => Number(process.env[`AGENT_CROWD_${name}`] ?? otherwise);
const STORES = number('STORES', 10);
const SIZE = { operations: number('OPERATIONS', full ? 1000 : 120), kills: number('KILLS', full ? 50 : 8) };
const SEEDS = process.env.AGENT_CROWD_SEED || !full ? [number('SEED', 1)] : [1, 2, 3];
/** A file as origin answers at once, and so shows little that the other does not. */
const SMALL = { operations: 40, kills: 3, seed: 7 };

t.setTimeout(full ? 3_600_000 : 170_000);

for (const seed of SEEDS) {
  await t.test(`${STORES} stores at an embedded origin, AGENT_CROWD_SEED=${seed}`, async (t) => {
    const origin = await withEmbeddedOrigin(t);
    const project = `project-${randomUUID()}`;
    const people = await Promise.all(
      Array.from({ length: STORES }, async (_, i) => {
        const { token } = await origin.addUser(`dev${i}`);
        return { name: `dev${i}`, env: { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token } };
      }),
    );
    const join_ = (name: string) => origin.addUser(name, { project, role: 'writer' });
    await crowd(t, people, { origin: origin.url, project, join: join_ }, { ...SIZE, seed });
  });
}

await t.test('5 stores at a file', async (t) => {
  const people = Array.from({ length: 5 }, (_, i) => ({ name: `dev${i}`, env: {} }));
  const url = `file:${join(t.testdir(), 'origin.db')}`;
  await crowd(t, people, { origin: url, project: 'crowd', join: async () => {} }, SMALL);
});

interface Person {
  readonly name: string;
  readonly env: Record<string, string>;
}

interface Meeting {
  readonly origin: string;
  readonly project: string;
  /** Makes somebody a member. */
  join(name: string): Promise<unknown>;
}

async function crowd(t: Test, people: readonly Person[], meeting: Meeting, size: CrowdSize): Promise<void> {
  const { origin, project } = meeting;
  const members = people.map(({ name, env }) => new Developer(t, name, env));
  const [first, ...others] = members as [Developer, ...Developer[]];
  await first.init({ origin, project });
  for (let i = 1; i <= 8; i++) {
    const id = `SEED-${i}`;
    first.write(`stories/SEED/${id}-shared.md`, storyText(id, `Shared ${i}`));
  }
  await first.run(importArtifacts);
  await first.run(push);
  for (const other of others) {
    await meeting.join(other.name);
    await other.init({ origin, project });
    await other.run((repo) => pull(repo));
  }

  const steps: Step[] = [];
  const started = Date.now();
  try {
    await work(members, size, steps);
    await becomeQuiet(members, random(size.seed), steps);
  } catch (error) {
    t.fail('the crowd could not go on', { error: String(error), size, steps: steps.map(line) });
    throw error;
  }
  t.comment(describe(steps, (Date.now() - started) / 1000));
  await checkAgreement(t, members);
  await checkHistory(t, first, members, steps);
  if (!t.passing()) t.comment(JSON.stringify(size), ...steps.map(line));
}

function line({ who, what, commit = '' }: Step): string {
  return `\n${who}: ${what} ${commit.slice(0, 7)}`;
}

function describe(steps: readonly Step[], seconds: number): string {
  const counted = (pattern: RegExp) => steps.filter(({ what }) => pattern.test(what)).length;
  return [
    `${steps.length} steps in ${seconds.toFixed(1)} s`,
    `${counted(/^killed/)} kills`,
    `${counted(/imported|committed|^make/)} commits`,
    `${counted(/merged/)} merges`,
    `${counted(/^settle/)} conflicts settled`,
    `${counted(/rejected/)} pushes rejected`,
  ].join(', ');
}

/** All that a store says, in an order of its own nowhere. */
function everything(repo: Repository) {
  const { store, worktree } = repo;
  const commits = log(repo, { without: 'paths' }).map(({ oid }) => oid);
  return {
    head: store.refs.get('HEAD'),
    tracking: store.refs.get('refs/remotes/origin/main'),
    index: store.index.list(),
    generations: commits.map((oid) => [oid, store.index.generation(oid)]),
    files: worktree.scan().files.map(({ path }) => [path, Buffer.from(worktree.read(path)).toString()]),
  };
}

async function checkAgreement(t: Test, members: readonly Developer[]): Promise<void> {
  const [first, ...others] = await Promise.all(members.map((member) => member.run(everything)));
  t.equal(first!.head, first!.tracking, 'all was pushed');
  for (const [i, other] of others.entries()) t.strictSame(other, first, `store ${i + 2} has what the first one has`);
  for (const member of members) {
    await member.run(async (repo) => {
      t.strictSame(fsck(repo.store).problems, [], `fsck finds nothing in the store of ${member.name}`);
      t.match(status(repo), { disk: { length: 0 }, ahead: 0, behind: 0, merging: false }, 'nothing is left to do');
    });
  }
  await members[0]!.run((repo) => {
    repo.store.transact(() => {
      repo.store.index.clear();
      refreshIndex(repo.store);
    });
    t.strictSame(everything(repo), first, 'what is derived is the same when it is derived anew');
  });
}

async function checkHistory(
  t: Test,
  first: Developer,
  members: readonly Developer[],
  steps: readonly Step[],
): Promise<void> {
  const heads = await Promise.all(
    members.map((member) => member.run(({ store }) => store.refs.reflog('refs/heads/main').map(({ to }) => to!))),
  );
  const { oids, messages, words } = await first.run(readHistory);
  const isLost = (oid: string) => !oids.has(oid);
  t.strictSame(heads.flat().filter(isLost), [], 'every commit that was ever HEAD anywhere is in the history');
  const told = steps.flatMap(({ commit }) => commit ?? []);
  t.strictSame(told.filter(isLost), [], 'and every one that anybody was told of');
  const twice = (all: readonly string[]) => all.filter((one, i) => all.indexOf(one) !== i);
  // A draft that came to two stores may be numbered in both, but to the same number.
  const ids = messages.flatMap((message) => /^Add story (CROWD-\d+)$/m.exec(message)?.[1] ?? []);
  const drafts = new Map(
    messages.flatMap((message) => [...message.matchAll(/^Draft: (\S+ \S+) (\S+)$/gm)].map((m) => [m[0], m[2]!])),
  );
  t.strictSame(twice([...ids, ...drafts.values()]), [], 'no id was issued twice');
  t.strictSame(twice(words), [], 'no change was committed twice');
  const written = steps.flatMap(({ word }) => word ?? []);
  t.strictSame(
    written.filter((word) => !words.includes(word)),
    [],
    'and none was left out',
  );
}

/** The history of `HEAD`: its commits, and the words that each commit brought that is not a merge. */
function readHistory(repo: Repository) {
  const { objects } = repo.store;
  const commits = log(repo, { without: 'paths' });
  const words = commits
    .filter(({ parents }) => parents.length < 2)
    .flatMap(({ oid, parents: [parent = null] }) => {
      const changes = diffTrees(objects, treeOf(repo.store, parent), readCommit(objects, oid).tree);
      const wordsOf = (side: 'before' | 'after') =>
        changes.flatMap((change) => {
          const version = change[side];
          const text = version ? Buffer.from(readBlob(objects, version.oid)).toString() : '';
          return [...text.matchAll(/Written as (\S+)\./g)].map(([, word]) => word!);
        });
      const before = new Set(wordsOf('before'));
      return [...new Set(wordsOf('after'))].filter((word) => !before.has(word));
    });
  return {
    oids: new Set<string>(commits.map(({ oid }) => oid)),
    messages: commits.map(({ message }) => message),
    words,
  };
}
