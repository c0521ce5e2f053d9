/** Two developers whose origin is stopped and started again, with real command lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { importArtifacts, listArtifacts, pull, push, runQueue } from '../../lib/index.js';
import { type EmbeddedOrigin, startEmbeddedOrigin } from '../../lib/origin/embedded/start.js';
import { Shell } from '../cli/shell.js';
import { originDirectory } from '../origin/with-origin.js';
import { repoRoot } from '../paths.js';
import { Developer, storyText } from './developer.js';

const STORY = 'stories/SYNC/SYNC-001-one.md';

/** An origin that can be stopped and started, at the same address. */
class Origin {
  readonly #directory: string;
  running: EmbeddedOrigin | undefined;
  port = 0;

  constructor(t: Test) {
    this.#directory = originDirectory(t);
    t.teardown(() => this.stop());
  }

  async start(): Promise<EmbeddedOrigin> {
    this.running = await startEmbeddedOrigin({ directory: this.#directory, durable: false, port: this.port });
    this.port = Number(new URL(this.running.url).port);
    return this.running;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }
}

const origin = new Origin(t);
const started = await origin.start();
let projects = 0;

/** Ada and Ben with the same Story, each with a shell, in a project of their own. */
async function pair(t: Test) {
  const project = `offline-${++projects}`;
  const people = [];
  for (const name of ['ada', 'ben']) {
    const { token } = await origin.running!.addUser('ada');
    const who = new Developer(t, name, { SUPABASE_ANON_KEY: started.key, SUPABASE_ACCESS_TOKEN: token });
    await who.init({ origin: started.url, project });
    people.push({ who, shell: new Shell(t, { folder: who.root, env: who.env }) });
  }
  const [ada, ben] = people as [(typeof people)[0], (typeof people)[0]];
  ada.who.write(STORY, storyText('SYNC-001', 'One'));
  await ada.who.run(importArtifacts);
  await ada.who.run(push);
  await ben.who.run(pull);
  return { ada, ben };
}

const queueOf = async (shell: Shell) => JSON.parse((await shell.run('agent sync queue --json')).out).queue;

t.test('a week without a connection', async (t) => {
  const { ada, ben } = await pair(t);
  ben.who.edit(STORY, 'Five.', 'Five, by Ben.');
  await ben.who.run(importArtifacts);
  await ben.who.run(push);
  await origin.stop();

  ada.who.edit(STORY, 'One.', 'One, by Ada.');
  const rows: [line: string, code: number, says: RegExp][] = [
    ['agent sync import', 0, /Imported/],
    [
      'agent sync push',
      128,
      /fatal: .* \[ORIGIN_UNREACHABLE\]\n(hint: .*\n)*hint: 'agent sync push --queue' has it wait/,
    ],
    ['agent sync pull --queue', 0, /^Queued: pull\./],
    ['agent sync push --queue', 0, /^Queued: push\./],
    ['agent sync push --queue --json', 0, /"status": "queued",\n {2}"id": 2,/],
    ["agent new-story 'Two'", 128, /hint: 'agent new-story --draft' makes one without a connection/],
    ["agent new-story 'Two' --draft", 0, /^Made SYNC-DRAFT-\w{13}: /],
    [
      'agent sync queue',
      0,
      /^ +1 {2}waits +pull, \d attempts.*\n.*\[ORIGIN_UNREACHABLE\]\n +2 {2}waits +push\n +\d {2}waits +number the drafts\n$/,
    ],
    [
      'agent sync status',
      0,
      /1 draft without a number: SYNC-DRAFT-\w{13}\.\nIn the queue: 3 waiting for the origin \('agent sync queue'\)\./,
    ],
    [
      'agent sync queue run',
      1,
      /^Nothing in the queue is due|^Queued pull is tried again later: .* \[ORIGIN_UNREACHABLE\]\n2 more/,
    ],
    ['agent sync fetch --json', 128, /"retry": "later"/],
  ];
  for (const [line, code, says] of rows) {
    const ran = await ada.shell.run(line);
    t.match(ran.out + ran.err, says, line);
    if (!line.endsWith('queue run')) t.equal(ran.code, code, line);
  }

  await origin.start();
  const ran = await ada.shell.run('agent sync fetch');
  t.equal(ran.code, 0, 'the next command that reaches the origin');
  t.match(
    ran.err,
    /^Queued pull: pulled\.\nQueued push: pushed \d commits\.\n/,
    'does first what was queued, in order',
  );
  t.strictSame(await queueOf(ada.shell), []);
  await ben.who.run(pull);
  t.match(ben.who.read(STORY), /One, by Ada\.(.|\n)*Five, by Ben\./);
  t.strictSame(
    (await ben.who.run((repo) => listArtifacts(repo))).map(({ path }) => path),
    [STORY, 'stories/SYNC/SYNC-002-two.md'],
    'the draft has its number',
  );
});

t.test('sync.offline: queue makes waiting the rule', async (t) => {
  const { ada, ben } = await pair(t);
  ada.who.configure('sync:\n  offline: queue\n');
  ada.who.edit(STORY, 'One.', 'One, by Ada.');
  await ada.who.run(importArtifacts);
  await origin.stop();
  t.match(await ada.shell.run('agent sync push'), { code: 0, out: /^Queued: push\./, err: /^no connection: / });
  t.match(await ada.shell.run("agent new-story 'Two'"), { code: 0, out: /^Made SYNC-DRAFT-/, err: /no connection: / });
  await origin.start();
  t.match(await ada.shell.run('agent sync queue run --force'), {
    code: 0,
    out: /^Queued push: pushed 3 commits\.\nQueued number the drafts|^Queued push: pushed 3 commits\.\n$/,
  });
  await ben.who.run(pull);
  t.match(ben.who.read('stories/SYNC/SYNC-002-two.md'), /^# SYNC-002: Two\n/);
});

t.test('what needs a person stands in the way of nothing', async (t) => {
  const { ada, ben } = await pair(t);
  await ada.who.run((repo) => repo.store.queue.add({ do: 'pull' }, 1));
  await ada.who.run((repo) => repo.store.queue.add({ do: 'number' }, 1));
  for (const { who } of [ada, ben]) {
    who.edit(STORY, 'Three.', `Three, by ${who.name}.`);
    await who.run(importArtifacts);
  }
  await ben.who.run(push);

  const before = ada.who.read(STORY);
  t.match(await ada.shell.run('agent sync fetch'), {
    code: 0,
    err: /^Queued pull needs you: changed both here and at the origin: stories.*\[CONFLICTED\]\nQueued number the drafts: no draft/,
  });
  t.equal(ada.who.read(STORY), before, 'a conflict that nobody waits for does not begin a merge');
  t.match(await queueOf(ada.shell), [{ status: 'blocked', attempts: 1, failure: { code: 'CONFLICTED' } }]);
  t.match(await ada.shell.run('agent sync status'), { out: /In the queue: 1 waiting for you/ });
  t.match(
    await ada.shell.run('agent sync push --queue'),
    { code: 1, out: /rejected/ },
    'a rejection is no want of a connection',
  );

  t.match(await ada.shell.run('agent sync queue run'), { code: 1, out: /^Queued pull needs you: / });
  t.match(ada.who.read(STORY), '<<<<<<<', 'the queue that was asked to run stops as a pull does');
  t.match(await ada.shell.run('agent sync queue run'), { code: 128, err: /\[MERGE_IN_PROGRESS\]/ });
  await ada.shell.run('agent sync resolve --all --ours && agent sync merge --continue');
  t.equal((await ada.shell.run('agent sync pull')).code, 0);
  t.strictSame(await queueOf(ada.shell), [], 'a pull by hand is the pull that was queued');
});

t.test('a login that is refused needs a person, and is tried again once a person asks', async (t) => {
  const { ada } = await pair(t);
  ada.who.edit(STORY, 'One.', 'One, by Ada.');
  await ada.who.run(importArtifacts);
  await ada.who.run((repo) => repo.store.queue.add({ do: 'push' }, 1));
  const wrong = { SUPABASE_ACCESS_TOKEN: 'eyJ.no.ne' };
  t.match(await ada.shell.run('agent sync queue run', wrong), { code: 1, out: /needs you: .*\[ORIGIN_REFUSED\]/ });
  t.match(await ada.shell.run('agent sync fetch'), { code: 0, err: '' }, 'other commands leave it');
  t.match(await ada.shell.run('agent sync queue run'), { code: 0, out: 'Queued push: pushed 1 commit.\n' });
});

t.test('intents', async (t) => {
  const { ada } = await pair(t);
  await ada.who.run((repo) => {
    const { queue } = repo.store;
    queue.add({ do: 'pull', rebase: true, favor: 'ours' }, 1);
    queue.add({ do: 'push' }, 2);
    queue.add({ favor: 'ours', rebase: true, do: 'pull' } as const, 3);
    t.match(queue.list(), [{ id: 1, queuedAt: 3, asked: 2 }, { id: 2 }], 'the same asked for twice is one');
    const [first] = queue.list();
    queue.setClaim(1, { pid: process.pid, since: 3 });
    queue.add({ do: 'pull', rebase: true, favor: 'ours' }, 4);
    queue.finish(first!);
    t.match(queue.list(), [{ id: 1, claim: null }, { id: 2 }], 'what is asked for again meanwhile is not ended');
  });
  t.match(await ada.shell.run('agent sync queue drop 1'), { code: 0, out: 'Took 1 off the queue.\n' });
  t.match(await ada.shell.run('agent sync queue drop 1'), { code: 128, err: /\[INTENT_UNKNOWN\]/ });
  t.match(await ada.shell.run('agent sync queue drop all'), { code: 129 });
  t.match(await ada.shell.run('agent sync queue --json'), { out: /"do": "push"/ });
});

t.test('two processes that run the queue at once do each intent once', async (t) => {
  const { ada, ben } = await pair(t);
  ada.who.edit(STORY, 'One.', 'One, by Ada.');
  await ada.who.run(importArtifacts);
  await ada.who.run((repo) => repo.store.queue.add({ do: 'push', pull: true }, 1));
  const runs = await Promise.all([1, 2, 3, 4].map(() => ada.shell.run('agent sync queue run --json')));
  t.strictSame(
    runs.map(({ code }) => code),
    [0, 0, 0, 0],
  );
  t.equal(runs.flatMap(({ out }) => JSON.parse(out).steps).length, 1);
  await ben.who.run(pull);
  t.match(ben.who.read(STORY), 'One, by Ada.');
});

/** What a process does that is killed at a request to the origin. */
const KILLED: [sentence: string, at: string][] = [
  ['before a number is issued', 'rpc/issue_id'],
  ['when the number is issued, and nobody was told', 'answer of rpc/issue_id'],
  ['before the push', 'rpc/push'],
  ['when the push is done, and nobody was told', 'answer of rpc/push'],
];
for (const [sentence, at] of KILLED) {
  t.test(`a process that is killed ${sentence}`, async (t) => {
    const { ada, ben } = await pair(t);
    const { out } = await ada.shell.run("agent new-story 'Two' --draft --json");
    const { id } = JSON.parse(out);
    await ada.who.run((repo) => repo.store.queue.add({ do: 'push' }, 1));
    // A module that is loaded before the program, and ends it as the kernel would.
    const trap = join(ada.who.root, 'trap.mjs');
    writeFileSync(
      trap,
      `const at = ${JSON.stringify(at)};
       const real = globalThis.fetch;
       const die = () => { process.kill(process.pid, 'SIGKILL'); return new Promise(() => {}); };
       globalThis.fetch = async (input, init) => {
         const url = String(input?.url ?? input);
         const hit = url.endsWith(at.replace('answer of ', ''));
         if (hit && !at.startsWith('answer')) return die();
         const response = await real(input, init);
         return hit ? die() : response;
       };`,
    );
    const child = spawn(
      process.execPath,
      ['--import', trap, join(repoRoot, 'dist/bin/agent.js'), 'sync', 'queue', 'run'],
      {
        cwd: ada.who.root,
        env: { PATH: process.env.PATH, HOME: ada.who.root, ...ada.who.env },
        stdio: 'ignore',
      },
    );
    const [, signal] = await once(child, 'exit');
    t.equal(signal, 'SIGKILL');
    t.match(await ada.who.run((repo) => runQueue(repo)), { left: [] }, 'the next run does it, and needs nobody');
    t.match(await ada.shell.run(`agent show ${id}`), { out: /^# SYNC-002: Two\n/ });
    await ben.who.run(pull);
    t.match(ben.who.read('stories/SYNC/SYNC-002-two.md'), /^# SYNC-002: Two\n/);
    t.match(await ben.shell.run("agent new-story 'Three'"), { out: /^Made SYNC-003: / }, 'no number is lost');
  });
}
