/** Ctrl-C while a command waits: it ends at once with 130, wherever it waits, and the same command run again does its work. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { faultyStage, type Scene, type Situation } from '../e2e/faulty-stage.js';
import { FAULTS } from '../origin/faults.js';
import type { Fault } from '../origin/faulty-proxy.js';
import { repoRoot } from '../paths.js';

const PROGRAM = join(repoRoot, 'dist/bin/agent.js');
/** Longer than any test: what ends, ends because it was interrupted. */
const FOR_EVER = 3600;

const READY: Situation = { store: 'ready', teammate: true, writes: false };
const AHEAD: Situation = { store: 'ahead', teammate: false, writes: true };
const EVERYTHING: Situation = { store: 'ahead', teammate: true, writes: true };
const JOINING: Situation = { store: 'joining', teammate: true, writes: false };

interface Row {
  readonly argv: readonly string[];
  readonly at: string;
  readonly network: 'never answers' | 'is silent after the header of the answer' | 'brings the answer byte by byte';
  readonly situation: Situation;
}

const ROWS: readonly Row[] = [
  { argv: ['sync', 'init'], at: 'register_project', network: 'never answers', situation: JOINING },
  { argv: ['sync', 'fetch'], at: 'describe', network: 'never answers', situation: READY },
  { argv: ['sync', 'fetch'], at: 'fetch', network: 'is silent after the header of the answer', situation: READY },
  { argv: ['sync', 'fetch'], at: 'fetch', network: 'brings the answer byte by byte', situation: READY },
  { argv: ['sync', 'pull'], at: 'fetch', network: 'brings the answer byte by byte', situation: READY },
  { argv: ['sync', 'push'], at: 'describe', network: 'is silent after the header of the answer', situation: AHEAD },
  { argv: ['sync', 'push'], at: 'push', network: 'never answers', situation: AHEAD },
  { argv: ['sync', 'push'], at: 'push', network: 'is silent after the header of the answer', situation: AHEAD },
  { argv: ['new-story', 'Three'], at: 'issue_id', network: 'never answers', situation: EVERYTHING },
  { argv: ['new-runbook', 'SYNC-001'], at: 'issue_id', network: 'never answers', situation: EVERYTHING },
  { argv: ['sync', 'members'], at: 'list_members', network: 'never answers', situation: READY },
];

/** As an origin with many who push. */
const rejectPush: Fault = async ({ incoming, outgoing, forward }) => {
  const rejection = { status: 'rejected', ref: 'refs/heads/main', reason: 'stale', current: null };
  const answer = incoming.url!.endsWith('/push') ? Buffer.from(JSON.stringify(rejection)) : (await forward()).body;
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer);
};

t.setTimeout(120_000);
const prepare = await faultyStage(t, FOR_EVER);

t.test('in a network that does not answer', async (t) => {
  for (const { argv, at, network, situation } of ROWS) {
    const scene = await prepare(t, situation);
    const broken = scene.proxy.breakAt(at, FAULTS.find(({ sentence }) => sentence.startsWith(network))!.fault);
    const command = start(scene, argv);
    await broken;
    const { code, err } = await interrupt(command);
    const sentence = `agent ${argv.join(' ')}, at ${at}, ${network}`;
    t.equal(code, 130, sentence);
    t.match(err, /^fatal: interrupted.*\[ABORTED\]\n/, `${sentence}: and says so`);
    scene.proxy.heal();
    t.equal((await ended(start(scene, argv))).code, 0, `${sentence}: again, when the network is well`);
  }
});

t.test('between one push and the next', async (t) => {
  const scene = await prepare(t, EVERYTHING);
  scene.proxy.breakAt('push', rejectPush);
  const command = start(scene, ['new-story', 'Three']);
  await scene.proxy.hasAsked('push 12');
  const { code, err } = await interrupt(command);
  t.equal(code, 130);
  t.match(err, /SYNC-003 is committed here, but it is not known to be pushed \[ABORTED\]\nhint: .*agent sync push/);
  scene.proxy.heal();
  t.equal((await ended(start(scene, ['sync', 'push']))).code, 0);
  t.ok(await scene.developer.run(({ store }) => store.refs.get('HEAD') === store.refs.get('refs/remotes/origin/main')));
});

t.test('while standard input is read', async (t) => {
  const scene = await prepare(t, READY);
  const lines: readonly (readonly string[])[] = [
    ['edit', 'story/SYNC-001', '--file', '-'],
    ['sync', 'import', '-'],
  ];
  for (const argv of lines) {
    const command = start(scene, argv);
    // It reads when it has taken in more than fits into the pipe.
    await new Promise((resolve) => command.stdin!.write('x'.repeat(4_000_000), resolve));
    const { code, err } = await interrupt(command);
    t.equal(code, 130, argv.join(' '));
    t.match(err, /interrupted while reading standard input \[ABORTED\]/, argv.join(' '));
  }
});

t.test('twice, where once is not heard', async (t) => {
  const scene = await prepare(t, READY);
  const broken = scene.proxy.breakAt('describe', FAULTS.find(({ sentence }) => sentence === 'never answers')!.fault);
  const command = start(scene, ['sync', 'fetch']);
  await broken;
  command.kill('SIGINT');
  command.kill('SIGINT');
  const { code, signal } = await ended(command);
  t.ok(code === 130 || signal === 'SIGINT', 'ends in any case', { code, signal });
});

function start({ developer: { root, env } }: Scene, argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...argv], { cwd: root, env: { ...process.env, ...env } });
}

function interrupt(command: ChildProcess) {
  command.kill('SIGINT');
  return ended(command);
}

async function ended(command: ChildProcess) {
  const [err, [code, signal]] = await Promise.all([text(command.stderr!), once(command, 'close')]);
  return { code: code as number | null, signal: signal as string | null, err };
}
