/** `agent sync watch` as processes, beside developers who push. */
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  continueMerge,
  enqueue,
  fetch,
  importArtifacts,
  pull,
  push,
  resolveAll,
  setMember,
  watch,
} from '../../lib/index.js';
import { signToken } from '../../lib/origin/embedded/keys.js';
import type { EmbeddedOrigin } from '../../lib/origin/embedded/start.js';
import { originDirectory, withEmbeddedOrigin } from '../origin/with-origin.js';
import { Developer, storyText } from './developer.js';
import { commit, OTHER, pair, STORY } from './pair.js';
import { Watcher, type WatchLine } from './watcher.js';

const directory = originDirectory(t);
const shared = await withEmbeddedOrigin(t, { directory });

/** Ada, who has pushed two Stories to a project of the embedded origin, and Ben, who has pulled them. */
async function livePair(
  t: Test,
  project: string,
  origin: EmbeddedOrigin = shared,
): Promise<{ ada: Developer; ben: Developer; bensId: string }> {
  const adas = await origin.addUser('ada');
  const ada = new Developer(t, 'ada', { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: adas.token });
  await ada.init({ origin: origin.url, project });
  ada.write(STORY, storyText('SYNC-001', 'One'));
  ada.write(OTHER, storyText('SYNC-002', 'Two'));
  await ada.run(importArtifacts);
  await ada.run(push);
  const bens = await origin.addUser('ben', { project });
  const ben = new Developer(t, 'ben', { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: bens.token });
  await ben.init({ origin: origin.url, project });
  await ben.run(pull);
  return { ada, ben, bensId: bens.userId };
}

async function pushed(who: Developer, path: string, from: string, to: string): Promise<string> {
  await commit(who, path, from, to);
  const answer = await who.run(push);
  if (answer.status !== 'pushed') throw new Error(`the push was ${answer.status}`);
  return answer.to;
}

const commitsOf = (line: WatchLine) => (line.commits as { oid: string }[]).map(({ oid }) => oid);

t.test('a push is told, with who made it and what it changed', async (t) => {
  const { ada, ben } = await livePair(t, 'told');
  const [bens, another] = [new Watcher(t, ben), new Watcher(t, ben)];
  await Promise.all([bens.live(), another.live()]);
  const oid = await pushed(ada, STORY, 'DRAFT', 'REVIEW_NEEDED');
  for (const watcher of [bens, another]) {
    t.match(
      await watcher.next(),
      {
        type: 'change',
        ref: 'refs/remotes/origin/main',
        to: oid,
        forced: false,
        commits: [{ oid, author: 'ada', subject: String }],
        artifacts: [
          {
            path: STORY,
            id: 'SYNC-001',
            kind: 'story',
            change: 'M',
            state: { before: 'DRAFT', after: 'REVIEW_NEEDED' },
          },
        ],
      },
      'each of two watches of one folder tells it',
    );
  }
  t.match(ben.read(STORY), 'DRAFT', 'and leaves the files as they are');
  await ben.run(pull);
  await pushed(ben, OTHER, 'Two.', 'Two, by Ben.');
  await ada.run(pull);
  const next = await pushed(ada, OTHER, 'Three.', 'Three, by Ada.');
  t.strictSame(commitsOf(await bens.next('change')), [next], "one's own commits are no news");
  t.strictSame(await bens.interrupt(), { code: 130, err: '' });
});

t.test('changes are merged as they come, and handed to a command', async (t) => {
  const { ada, ben } = await livePair(t, 'merged');
  await pushed(ada, STORY, 'One.', 'One, before.');
  await ben.run(fetch);
  const watcher = new Watcher(
    t,
    ben,
    '--pull',
    '--exec',
    'cat > seen.json; grep -c Two, .agent/cache/stories/SYNC/*two.md >&2; false',
  );
  await watcher.next('pulled');
  t.match(ben.read(STORY), 'One, before.', 'what was fetched before is merged at the start');
  const oid = await pushed(ada, OTHER, 'Two.', 'Two, by Ada.');
  t.strictSame(commitsOf(await watcher.next('change')), [oid]);
  t.match(await watcher.next(), { type: 'pulled', merged: { status: 'fast-forward', to: oid } });
  await watcher.said('ended with exit code 1');
  t.match(JSON.parse(readFileSync(join(ben.root, 'seen.json'), 'utf8')), { type: 'change', to: oid });
  await pushed(ada, OTHER, 'Three.', 'Three, by Ada.');
  await watcher.next('pulled');
  t.match(ben.read(OTHER), 'Three, by Ada.', 'a command that failed ends nothing');
  t.match(await watcher.interrupt(), { code: 130, err: /^1\n/ }, 'it saw the files as they are after the merge');
});

t.test('what comes while the origin is away for ten seconds is not missed', async (t) => {
  const directory = originDirectory(t);
  const origin = await withEmbeddedOrigin(t, { directory });
  const { ada, ben } = await livePair(t, 'away', origin);
  const watcher = new Watcher(t, ben, '--pull', '--interval', '600');
  await watcher.live();
  const commits = [await pushed(ada, STORY, 'One.', 'One, right before.')];
  await origin.stop();
  const downtime = wait(10_000);
  await commit(ada, STORY, 'Two.', 'Two, meanwhile.');
  await t.rejects(ada.run(push), { code: 'ORIGIN_UNREACHABLE' });
  const told: WatchLine[] = [];
  while (told.at(-1)?.type !== 'offline') told.push(await watcher.next());
  await downtime;
  await withEmbeddedOrigin(t, { directory });
  const answer = await ada.run(push);
  if (answer.status === 'pushed') commits.push(answer.to);
  commits.push(await pushed(ada, STORY, 'Three.', 'Three, afterwards.'));
  while (!commitsOf(told.findLast(({ type }) => type === 'change') ?? { commits: [] }).includes(commits.at(-1)!)) {
    told.push(await watcher.next());
  }
  t.strictSame(
    told.filter(({ type }) => type === 'change').flatMap((line) => commitsOf(line).toReversed()),
    commits,
    'each commit is told once, in order',
  );
  await watcher.next('pulled');
  t.equal(ben.read(STORY), ada.read(STORY));
  await pushed(ada, STORY, 'Four.', 'Four, live again.');
  await watcher.next('pulled');
  t.equal(ben.read(STORY), ada.read(STORY));
  await watcher.interrupt();
});

t.test('who is no longer a member is told so, and the watch ends', async (t) => {
  const { ada, ben, bensId } = await livePair(t, 'left');
  const watcher = new Watcher(t, ben);
  await watcher.live();
  await ada.run((repo) => setMember(repo, bensId, null));
  await pushed(ada, STORY, 'One.', 'One, secretly.');
  t.match(await watcher.next(), { error: { code: 'ORIGIN_REFUSED', retry: 'person' } }, 'on one line');
  t.match(await watcher.ended(), { code: 128, err: 'fatal: the origin refused' });
});

t.test('whose login has expired is told so, and the watch ends', async (t) => {
  const { ben, bensId } = await livePair(t, 'expired');
  const { jwtSecret } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'));
  const claims = { sub: bensId, role: 'authenticated' };
  ben.env.SUPABASE_ACCESS_TOKEN = await signToken(await import('jose'), jwtSecret, claims, '-1d');
  const watcher = new Watcher(t, ben);
  t.match(await watcher.next(), { error: { code: 'LOGIN_EXPIRED', retry: 'person' } });
  t.match(await watcher.ended(), { code: 128 });
});

t.test('an origin that cannot tell is asked', async (t) => {
  const { ada, ben } = await pair(t);
  const patient = new Watcher(t, ben, '--interval', '1', '--once', '--timeout', '600');
  const impatient = new Watcher(t, ben, '--interval', '1', '--once', '--timeout', '1');
  t.match(await patient.next(), { type: 'online', live: false });
  t.match(await impatient.ended(), { code: 1, err: '' }, 'in a second nothing came');
  const oid = await pushed(ada, STORY, 'One.', 'One, by Ada.');
  t.strictSame(commitsOf(await patient.next('change')), [oid]);
  t.match(await patient.ended(), { code: 0, err: '' }, 'and then it did');

  const again = new Watcher(t, ben, '--interval', '1', '--once');
  await again.next('online');
  const next = await pushed(ada, STORY, 'Two.', 'Two, by Ada.');
  t.strictSame(commitsOf(await again.next('change')), [next], 'the next one goes on from there');
});

t.test('a file that is away is waited for, and one that took its place is looked at', async (t) => {
  const { ada, ben } = await pair(t);
  const file = join(ada.root, 'origin.db');
  renameSync(file, `${file}.away`);
  const watcher = new Watcher(t, ben, '--interval', '1');
  t.match(await watcher.next(), { type: 'offline', failure: { code: 'ORIGIN_UNREACHABLE' } }, 'at the start');
  renameSync(`${file}.away`, file);
  await watcher.next('online');
  renameSync(file, `${file}.away`);
  t.match(await watcher.next(), { type: 'offline', failure: { code: 'ORIGIN_UNREACHABLE' } }, 'and later');
  copyFileSync(`${file}.away`, file);
  await watcher.next('online');
  const oid = await pushed(ada, STORY, 'One.', 'One, by Ada.');
  t.strictSame(commitsOf(await watcher.next('change')), [oid]);

  await commit(ben, OTHER, 'Two.', 'Two, by Ben.');
  copyFileSync(file, `${file}.copy`);
  renameSync(`${file}.copy`, file);
  await ben.run((repo) => enqueue(repo, { do: 'push', pull: true }));
  t.match(await watcher.next('queue'), { steps: [{ status: 'done' }] });
  await ada.run(pull);
  t.match(ada.read(OTHER), 'Two, by Ben.', 'what is pushed goes to the file that is there');
  await watcher.interrupt();
});

t.test('what waits in the queue is done', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ben, STORY, 'One.', 'One, offline.');
  await ben.run((repo) => enqueue(repo, { do: 'push' }));
  const watcher = new Watcher(t, ben, '--interval', '1');
  t.match(await watcher.next('queue'), { steps: [{ intent: { do: 'push' }, status: 'done' }] });
  await ada.run(pull);
  t.match(ada.read(STORY), 'One, offline.');
  await watcher.interrupt();
});

t.test('conflicts and unimported work wait for a person, and the watch for them', async (t) => {
  const { ada, ben } = await pair(t);
  await commit(ben, STORY, 'One.', 'One, by Ben.');
  const watcher = new Watcher(t, ben, '--interval', '1', '--pull');
  await watcher.next('online');
  await pushed(ada, STORY, 'One.', 'One, by Ada.');
  t.match(await watcher.next('conflicted'), { merged: { status: 'conflicted', conflicts: [{ path: STORY }] } });
  const oid = await pushed(ada, OTHER, 'Two.', 'Two, by Ada.');
  t.strictSame(commitsOf(await watcher.next()), [oid], 'what comes meanwhile is told');
  t.match(ben.read(OTHER), 'Two.\n', 'and not merged');
  await ben.run((repo) => resolveAll(repo, 'theirs'));
  await ben.run(continueMerge);
  t.match(await watcher.next(), { type: 'pulled', merged: { status: 'merged' } }, 'until that is settled');
  t.match(ben.read(OTHER), 'Two, by Ada.\n');

  ben.edit(OTHER, 'Five.', 'Five, not imported.');
  await pushed(ada, OTHER, 'Two, by Ada.', 'Two, again.');
  await watcher.next('change');
  t.match(await watcher.next(), { type: 'blocked', failure: { code: 'LOCAL_CHANGES' } });
  const more = await pushed(ada, STORY, 'Three.', 'Three, by Ada.');
  t.strictSame(commitsOf(await watcher.next()), [more], 'it is told once');
  await ben.run(importArtifacts);
  t.match(await watcher.next(), { type: 'pulled', merged: { status: 'merged' } });
  t.match(ben.read(OTHER), /Two, again\.(.|\n)*Five, not imported\./);
  await watcher.interrupt();
});

t.test('Ctrl-C ends the command that runs, too', async (t) => {
  const { ada, ben } = await pair(t);
  const watcher = new Watcher(t, ben, '--interval', '1', '--exec', 'sleep 600 & echo $! > pid; echo begun >&2; wait');
  await watcher.next('online');
  await pushed(ada, STORY, 'One.', 'One, by Ada.');
  await watcher.said('begun');
  t.match(await watcher.interrupt(), { code: 130 });
  const pid = Number(readFileSync(join(ben.root, 'pid'), 'utf8'));
  t.notOk(isRunning(pid), 'nothing of it is left');
});

t.test('a reader that has seen enough ends it', async (t) => {
  const { ada, ben } = await pair(t);
  const watcher = new Watcher(t, ben, '--interval', '1');
  await watcher.next('online');
  watcher.process.stdout!.destroy();
  await pushed(ada, STORY, 'One.', 'One, by Ada.');
  t.strictSame(await watcher.ended(), { code: 0, err: '' });
});

t.test('a change is told although another process has fetched it, and several come as one', async (t) => {
  const { ada, ben } = await pair(t);
  const ending = new AbortController();
  await ben.run(async (repo) => {
    const events = watch(repo, { signal: ending.signal, interval: 1 });
    t.match((await events.next()).value, [{ type: 'online', live: false }]);
    const commits = [
      await pushed(ada, STORY, 'One.', 'One, by Ada.'),
      await pushed(ada, STORY, 'Two.', 'Two, by Ada.'),
    ];
    await ben.run(pull);
    const [change] = (await events.next()).value || [];
    t.match(change, { type: 'change', to: commits[1], artifacts: [{ path: STORY }] });
    t.strictSame(commitsOf(change as never), commits.toReversed());
    const last = events.next();
    ending.abort();
    t.strictSame(await last, { value: undefined, done: true }, 'it ends where it waits');
  });
});

t.test("one's own work that comes back with that of others is no news", async (t) => {
  const { ada, ben } = await pair(t);
  await ben.run(async (repo) => {
    const events = watch(repo, { interval: 1 });
    await events.next();
    await pushed(ben, OTHER, 'Two.', 'Two, by Ben.');
    await ada.run(pull);
    const oid = await pushed(ada, STORY, 'One.', 'One, by Ada.');
    const [change] = (await events.next()).value || [];
    t.match(change, { type: 'change', to: oid });
    t.strictSame(commitsOf(change as never), [oid]);
    t.match((change as unknown as WatchLine).artifacts, [{ path: STORY }]);
    t.equal(((change as unknown as WatchLine).artifacts as unknown[]).length, 1);
    await events.return();
  });
});

function isRunning(pid: number): boolean {
  try {
    // A process that has ended stays until its parent has asked how, which in a container may be never.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
