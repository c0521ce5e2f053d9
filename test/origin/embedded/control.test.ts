import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { SyncError } from '../../../lib/core/errors.js';
import type { Oid } from '../../../lib/core/object/oid.js';
import { commitOf, MAIN, pushOf } from '../../../lib/origin/contract/specimens.js';
import { fetchAll, oids } from '../../../lib/origin/contract/steps.js';
import {
  addUser,
  daemonStatus,
  type OriginStatus,
  startDaemon,
  stopDaemon,
} from '../../../lib/origin/embedded/control.js';
import { supabaseRemote } from '../../../lib/origin/supabase/client.js';
import { repoRoot } from '../../paths.js';
import { originDirectory } from '../with-origin.js';
import { processesOf, untilNoProcess } from './processes.js';

/** A folder whose daemon, if one runs in the end, is ended with the test. */
function daemonDirectory(t: Test): string {
  const directory = originDirectory(t);
  t.teardown(() => stopDaemon(directory));
  return directory;
}

function start(directory: string) {
  return startDaemon(directory, { durable: false });
}

async function health(url: string): Promise<number | string> {
  const answer = await fetch(`${url}/health`).catch(() => undefined);
  return answer?.status ?? 'no answer';
}

/** A killed process holds its locks for another moment; answers the status after ten seconds at the latest. */
async function untilStale(directory: string): Promise<OriginStatus> {
  for (let tries = 0; tries < 500 && daemonStatus(directory).state !== 'stale'; tries++) await wait(20);
  return daemonStatus(directory);
}

function pidOf(directory: string, args: RegExp): number {
  return processesOf(directory).find((found) => args.test(found.args))?.pid ?? Number.NaN;
}

const DAEMON = /daemon\.js/;
const POSTGRES = /^\S*\/postgres -D/;
const POSTGREST = /^\S*postgrest /;
const WATCHDOG = /agent-sync-watchdog/;

t.test('start, status, user, stop', async (t) => {
  const directory = daemonDirectory(t);
  t.strictSame(daemonStatus(directory), { state: 'stopped' });
  t.equal(await stopDaemon(directory), false, 'there is nothing to stop');
  await t.rejects(addUser(directory, 'ada'), { code: 'ORIGIN_UNREACHABLE', hint: /agent origin start/ });

  const first = await start(directory);
  t.equal(first.started, true);
  t.equal(await health(first.url), 200, 'it answers as soon as start returns');
  const status = daemonStatus(directory);
  t.match(status, { state: 'running', url: first.url });
  t.strictSame(
    'pids' in status && [...status.pids].sort(),
    processesOf(directory)
      .filter(({ args }) => !WATCHDOG.test(args))
      .map(({ pid }) => pid)
      .sort(),
    'status names its processes',
  );
  t.strictSame(await start(directory), { ...first, started: false }, 'starting it again changes nothing');

  const ada = await addUser(directory, 'ada');
  const claims = JSON.parse(Buffer.from(ada.token.split('.')[1] ?? '', 'base64url').toString());
  t.match(claims, { sub: ada.userId, role: 'authenticated', aud: 'authenticated' });
  t.ok(claims.exp - claims.iat > 364 * 86_400, 'a token is good for a year');
  const answer = await fetch(`${first.url}/rest/v1/`, {
    headers: { apikey: first.key, authorization: `Bearer ${ada.token}` },
  });
  t.equal(answer.status, 200, 'the token is taken');

  t.equal(await stopDaemon(directory), true);
  t.strictSame(processesOf(directory), [], 'stop leaves no process');
  t.strictSame(daemonStatus(directory), { state: 'stopped' });

  const second = await start(directory);
  t.strictSame(second, first, 'a restart keeps URL and keys');
  t.equal((await addUser(directory, 'ada')).userId, ada.userId, 'and users');
});

t.test('a daemon that cannot start says why', async (t) => {
  const directory = daemonDirectory(t);
  const other = originDirectory(t);
  writeFileSync(join(other, 'letters.txt'), 'not an origin');
  await t.rejects(startDaemon(other), { code: 'ORIGIN_FAILED', message: /holds files/ });
  await t.rejects(startDaemon(directory, { durable: false, signal: AbortSignal.abort() }), { code: 'ABORTED' });
  t.strictSame(await untilNoProcess(directory), []);
  const starts = await Promise.allSettled([start(directory), start(directory)]);
  t.ok(
    starts.some(({ status }) => status === 'fulfilled'),
    'of two starts at once one succeeds',
  );
  t.equal(processesOf(directory).filter(({ args }) => POSTGRES.test(args)).length, 1, 'and one database runs');
  t.equal(daemonStatus(directory).state, 'running');
});

t.test('kill -9 of the daemon leaves no process, and no data is lost', async (t) => {
  const directory = daemonDirectory(t);
  const first = await start(directory);
  const ada = await addUser(directory, 'ada');
  process.kill(pidOf(directory, DAEMON), 'SIGKILL');
  t.strictSame(await untilNoProcess(directory), []);
  t.match(await untilStale(directory), { state: 'stale', pids: { length: 0 } });
  t.equal(await health(first.url), 'no answer');
  t.match(await start(directory), { url: first.url, key: first.key, started: true });
  t.equal((await addUser(directory, 'ada')).userId, ada.userId, 'what was written is there');
});

t.test('kill -9 of the watchdogs too: stop ends what is left, by its pid file', async (t) => {
  const directory = daemonDirectory(t);
  await start(directory);
  const daemon = pidOf(directory, DAEMON);
  // Stopped, the daemon cannot react to the loss of a watchdog, as it would.
  process.kill(daemon, 'SIGSTOP');
  for (const { pid, args } of processesOf(directory)) if (WATCHDOG.test(args)) process.kill(pid, 'SIGKILL');
  process.kill(daemon, 'SIGKILL');
  t.not(pidOf(directory, POSTGRES), Number.NaN, 'PostgreSQL is an orphan now');
  const stale = await untilStale(directory);
  t.match(stale, { state: 'stale' });
  t.ok('pids' in stale && stale.pids.includes(pidOf(directory, POSTGRES)), 'status names it');
  t.equal(await stopDaemon(directory), true);
  t.strictSame(processesOf(directory), []);
  t.strictSame(daemonStatus(directory), { state: 'stopped' });
});

t.test('a daemon whose PostgreSQL dies ends, and starts again with its data', async (t) => {
  const directory = daemonDirectory(t);
  await start(directory);
  const ada = await addUser(directory, 'ada');
  process.kill(pidOf(directory, POSTGRES), 'SIGKILL');
  t.strictSame(await untilNoProcess(directory), []);
  t.strictSame(daemonStatus(directory), { state: 'stopped' });
  await start(directory);
  t.equal((await addUser(directory, 'ada')).userId, ada.userId);
});

t.test('kill -9 of all at once, in the middle of pushes: what was acknowledged is there', async (t) => {
  const directory = daemonDirectory(t);
  const { url, key } = await startDaemon(directory);
  const { token } = await addUser(directory, 'ada');
  const remote = () => supabaseRemote({ url, key, accessToken: token, project: 'killed' });
  await remote().register();
  let acknowledged: Oid | null = null;
  let pushes = 0;
  const pushing = (async () => {
    for (;;) {
      const parents = acknowledged === null ? [] : [acknowledged];
      const commit = commitOf({ 'INFRA-001-first.md': `${pushes}\n` }, parents);
      await remote().push(pushOf(commit, acknowledged));
      acknowledged = commit.oid;
      pushes++;
    }
  })().catch((error: SyncError) => error);
  while (pushes < 5) await wait(5);
  for (const { pid } of processesOf(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with another.
    }
  }
  t.match(await pushing, { code: /^ORIGIN_/ }, 'a push that got no answer does not claim success');
  t.strictSame(await untilNoProcess(directory), []);
  await untilStale(directory);
  t.match(await startDaemon(directory), { url, key, started: true });
  const { refs, sequence } = await remote().describe();
  const objects = oids(await fetchAll(remote(), 0));
  t.ok(objects.includes(acknowledged!), 'the last commit that was acknowledged is there');
  t.ok(objects.includes(refs.get(MAIN)!), 'and the branch names a commit that is');
  t.equal(objects.length, sequence, 'no object is missing');
});

t.test('a daemon whose PostgREST dies ends, and starts again with its data', async (t) => {
  const directory = daemonDirectory(t);
  await start(directory);
  const ada = await addUser(directory, 'ada');
  process.kill(pidOf(directory, POSTGREST), 'SIGKILL');
  t.strictSame(await untilNoProcess(directory), []);
  t.strictSame(daemonStatus(directory), { state: 'stopped' });
  await start(directory);
  t.equal((await addUser(directory, 'ada')).userId, ada.userId);
});

t.test("a lock file of PostgreSQL's with the number of another program needs nobody", async (t) => {
  const directory = daemonDirectory(t);
  await start(directory);
  const ada = await addUser(directory, 'ada');
  await stopDaemon(directory);
  writeFileSync(join(directory, 'data/postmaster.pid'), `${process.pid}\n${directory}/data\n0\n5432\n\n\n`);
  await start(directory);
  t.equal((await addUser(directory, 'ada')).userId, ada.userId);
});

t.test('kill -9 of a process that runs an origin within itself leaves nothing', async (t) => {
  const directory = originDirectory(t);
  const program = join(repoRoot, 'dist/test/origin/embedded/in-process.js');
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  t.equal(daemonStatus(directory).state, 'running');
  await t.rejects(stopDaemon(directory), { code: 'ORIGIN_FAILED', message: new RegExp(`within process ${child.pid}`) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.strictSame(await untilNoProcess(directory), []);
  t.equal(await stopDaemon(directory), true, 'what is left to stop are its marks');
  t.strictSame(daemonStatus(directory), { state: 'stopped' });
});

t.test('kill -9 in the middle of making the database: the next start makes it', async (t) => {
  const directory = daemonDirectory(t);
  const program = join(repoRoot, 'dist/test/origin/embedded/in-process.js');
  const child = spawn(process.execPath, [program, directory], { stdio: 'ignore' });
  while (Number.isNaN(pidOf(directory, /^\S*\/initdb/))) await wait(10);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.match(await start(directory), { started: true });
  t.ok((await addUser(directory, 'ada')).userId);
});
