/** One trace from a command of the real program to the row in the audit of a real origin. */
import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { importArtifacts } from '../../lib/index.js';
import { Developer, storyText } from '../e2e/developer.js';
import { withEmbeddedOrigin } from '../origin/with-origin.js';
import { repoRoot } from '../paths.js';
import { type CollectedSpan, startCollector } from './collector.js';

const PROGRAM = join(repoRoot, 'dist/bin/agent.js');
const STORY = 'stories/SYNC/SYNC-001-share.md';
const TITLE = 'Zanzibar quarterly figures';

/** The trace of whoever calls us. */
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;

const origin = await withEmbeddedOrigin(t);

/** Ada, who has imported a Story and pushed nothing yet. */
async function newDeveloper(t: Test, project: string): Promise<Developer> {
  const { token } = await origin.addUser('ada');
  const ada = new Developer(t, 'ada', { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token });
  await ada.init({ origin: origin.url, project });
  ada.write(STORY, storyText('SYNC-001', TITLE));
  await ada.run(importArtifacts);
  return ada;
}

function agent(ada: Developer, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  const options = { cwd: ada.root, env: { PATH, ...ada.env, ...env } };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [PROGRAM, ...argv], options, (error: ExecFileException | null, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

t.test('one trace from `agent sync push` to the audit of the origin', async (t) => {
  const ada = await newDeveloper(t, 'traced');
  const collector = await startCollector(t);
  const pushed = await agent(ada, ['sync', 'push', '--json'], { ...collector.env, TRACEPARENT });
  t.match(JSON.parse(pushed.out), { status: 'pushed' });
  t.equal(pushed.err, '');

  const { spans } = collector;
  const named = (name: string) => spans.find((span) => span.name === name)!;
  const [command, push, describe, send] = ['agent sync push', 'push', 'POST rpc/describe', 'POST rpc/push'].map(named);
  t.strictSame([...new Set(spans.map(({ traceId }) => traceId))], [TRACE], 'all spans are of the trace of the caller');
  const chain = [command, push, send].map((span) => span?.parentSpanId);
  t.strictSame(chain, [CALLER, command?.spanId, push?.spanId], 'caller -> command -> push -> request');
  t.equal(describe?.parentSpanId, push?.spanId, 'each request is part of the push');

  const rows = await origin.sql(
    `select a.action, a.traceparent from agent_sync.audit a join agent_sync.projects p on p.id = a.project
     where p.name = 'traced' and a.action = 'push'`,
  );
  t.strictSame(rows, [{ action: 'push', traceparent: `00-${TRACE}-${send?.spanId}-01` }], 'the row names the request');

  t.match(collector.resource, { 'service.name': 'agent-sync', 'service.version': /^\d/ });
  t.match(send, {
    kind: 3,
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.full': `${origin.url}/rest/v1/rpc/push`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(origin.url).port),
    },
  });
  const { head, store } = await ada.run(({ store }) => ({
    head: store.refs.get('refs/heads/main'),
    store: store.settings.get('store.id'),
  }));
  const facts = { operation: 'push', result: 'pushed', commits: 1, ref: 'refs/heads/main', to: head, store };
  for (const [name, value] of Object.entries(facts))
    t.equal(String(push?.attributes[`agent_sync.${name}`]), String(value), `the push says its ${name}`);
  t.strictSame(spans.filter(isFailed), [], 'nothing failed');

  const metrics = [...collector.metrics.keys()].sort();
  const expected = ['operation.duration', 'received', 'requests', 'sent'].map((name) => `agent_sync.${name}`);
  t.strictSame(metrics, expected, 'metrics go the same way');

  const { SUPABASE_ACCESS_TOKEN: token = '' } = ada.env;
  const secrets = [token, origin.key, TITLE, 'Zanzibar', 'ada@example.org', STORY, ada.root];
  t.strictSame(
    secrets.filter((secret) => collector.raw.includes(secret)),
    [],
    'and the collector is told no key, title, path or person',
  );
});

t.test('what goes wrong is told by its code alone', async (t) => {
  const ada = await newDeveloper(t, 'failing');
  const collector = await startCollector(t);
  const canary = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl';
  const { code, err } = await agent(ada, ['sync', 'push'], {
    ...collector.env,
    SUPABASE_ACCESS_TOKEN: canary,
    AGENT_LOG: 'trace',
  });
  t.equal(code, 128);
  const failed = collector.spans.filter(isFailed);
  t.strictSame(
    failed.map(({ name }) => name),
    ['POST rpc/describe', 'push', 'agent sync push'],
    'from the request up to the command',
  );
  t.strictSame([...new Set(failed.map(({ attributes }) => attributes['error.type']))], ['ORIGIN_REFUSED']);
  t.match(failed[0]!.attributes, { 'http.response.status_code': 401 });
  t.match(
    logLines(err).filter(({ level }) => level === 'error'),
    failed.map(({ name, traceId, spanId }) => ({
      msg: `${name} ended`,
      code: 'ORIGIN_REFUSED',
      trace_id: traceId,
      span_id: spanId,
    })),
    'the log says the same, and where in the trace',
  );
  t.notMatch(collector.raw + err, canary, 'without the token');
});

t.test('without anybody who asks for traces the origin is sent no trace', async (t) => {
  const ada = await newDeveloper(t, 'untraced');
  t.equal((await agent(ada, ['sync', 'push'])).code, 0);
  const rows = await origin.sql(
    `select distinct a.traceparent from agent_sync.audit a join agent_sync.projects p on p.id = a.project
     where p.name = 'untraced'`,
  );
  t.strictSame(rows, [{ traceparent: null }]);
});

t.test('what the requests of a store came to is kept and shown', async (t) => {
  const ada = await newDeveloper(t, 'counted');
  await agent(ada, ['sync', 'push']);
  await agent(ada, ['sync', 'push'], { SUPABASE_ACCESS_TOKEN: 'x.y.z' });
  const stats = JSON.parse((await agent(ada, ['sync', 'stats', '--json'])).out);
  t.match(stats, {
    operations: [
      { operation: 'import', count: 1, failed: 0 },
      { operation: 'init', count: 1, failed: 0 },
      { operation: 'push', count: 2, failed: 1 },
    ],
    origin: { requests: { ORIGIN_REFUSED: 1 } },
    artifacts: { plan: 0, story: 1, runbook: 0 },
    queue: { waiting: 0, blocked: 0, refused: 0 },
  });
  t.ok(stats.origin.requests.ok >= 3, 'to join, to ask, to push');
  t.ok(stats.origin.sentBytes > 500 && stats.origin.receivedBytes > 100, 'bytes both ways');
});

t.test('who is interrupted, or breaks, tells what there is to tell', async (t) => {
  const ada = await newDeveloper(t, 'interrupted');
  await agent(ada, ['sync', 'push']);
  const collector = await startCollector(t);
  const hook = join(ada.root, 'hook.cjs');
  writeFileSync(hook, "process.on('SIGUSR2', () => { throw new Error('Zanzibar'); });");
  const watch = async (signal: NodeJS.Signals) => {
    const env = { ...process.env, ...ada.env, ...collector.env, AGENT_LOG: 'debug', NODE_OPTIONS: `--require ${hook}` };
    const child = spawn(process.execPath, [PROGRAM, 'sync', 'watch', '--json'], { cwd: ada.root, env });
    const [exit, log] = [once(child, 'exit'), text(child.stderr)];
    await once(child.stdout, 'data');
    child.kill(signal);
    return { code: (await exit)[0], lines: logLines(await log) };
  };

  const interrupted = await watch('SIGINT');
  t.equal(interrupted.code, 130);
  t.match(interrupted.lines.at(-1), { msg: 'agent sync watch ended', exit: 130 });
  const command = collector.spans.find(({ name }) => name === 'agent sync watch');
  t.match(command?.attributes, { 'process.exit.code': 130 }, 'Ctrl-C sends the spans');

  const broken = await watch('SIGUSR2');
  t.not(broken.code, 0);
  t.match(broken.lines.at(-1), { level: 'error', msg: 'crashed', trace_id: String }, 'a crash leaves a line');
  t.notMatch(JSON.stringify(broken.lines), 'Zanzibar');
});

function isFailed({ status }: CollectedSpan): boolean {
  return status === 2;
}

function logLines(err: string): Record<string, unknown>[] {
  return err.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}
