/** What is told, to whom, and what is not. */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { SyncError } from '../../lib/core/errors.js';
import type { Facts } from '../../lib/core/ports.js';
import { askedOf } from '../../lib/telemetry/asked.js';
import { openLog } from '../../lib/telemetry/json-log.js';
import { allowed } from '../../lib/telemetry/redact.js';
import { startTelemetry } from '../../lib/telemetry/start.js';
import { startCollector } from './collector.js';

const SECRET = /sb_[a-z]+_\w+/g;

/** Telemetry of this process, as a program would have it that names a collector and a log file. */
async function telling(t: Test, env: Readonly<Record<string, string>>) {
  const collector = await startCollector(t);
  // OpenTelemetry reads the environment of the process.
  Object.assign(process.env, collector.env);
  const cwd = t.testdir();
  const asked = askedOf({ ...collector.env, AGENT_LOG_FILE: 'logs/agent.log', ...env });
  const { telemetry, notes } = await startTelemetry(asked!, { cwd, env, version: '1.0.0', secret: SECRET });
  t.strictSame(notes, []);
  const file = join(cwd, 'logs/agent.log');
  const lines = (): Record<string, unknown>[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  return { telemetry, collector, file, lines };
}

t.test('spans follow the work through all that it awaits', async (t) => {
  const { telemetry, collector, lines } = await telling(t, { AGENT_LOG: 'trace' });
  const call = (name: string) =>
    telemetry.span('call', name, {}, async () => {
      await nextTurn();
      telemetry.add({ status: 200 });
      telemetry.log('debug', 'half way');
      return telemetry.traceparent();
    });
  const operation = (name: string) =>
    telemetry.span('operation', name, { operation: name }, () => Promise.all([call(`${name} a`), call(`${name} b`)]));
  const parents = await telemetry.span('command', 'agent sync', {}, () =>
    Promise.all([operation('push'), operation('pull')]),
  );
  await telemetry.close();

  const idOf = (name: string) => collector.spans.find((span) => span.name === name)!.spanId;
  const parentOf = new Map(collector.spans.map(({ name, parentSpanId }) => [name, parentSpanId]));
  for (const name of ['push', 'pull']) {
    t.equal(parentOf.get(name), idOf('agent sync'), `${name} is part of the command`);
    for (const part of ['a', 'b']) t.equal(parentOf.get(`${name} ${part}`), idOf(name), `${name} ${part} of ${name}`);
  }
  const names = ['push a', 'push b', 'pull a', 'pull b'];
  t.strictSame(
    parents.flat(),
    names.map((name) => `00-${collector.spans[0]!.traceId}-${idOf(name)}-01`),
    'requests name the span that they are made in',
  );
  const halves = lines().filter(({ msg }) => msg === 'half way');
  t.match(
    halves,
    names.map((name) => ({ operation: name.split(' ')[0], span_id: idOf(name) })),
    'and so does the log',
  );
});

t.test('work that fails is told by its code, and fails on', async (t) => {
  const { telemetry, collector, lines } = await telling(t, { AGENT_LOG: 'info' });
  const aborted = Object.assign(new Error('no'), { name: 'AbortError' });
  const rows: [string, () => unknown, string | undefined][] = [
    ['an expected failure', () => Promise.reject(new SyncError('STORE_BUSY', 'Zanzibar')), 'STORE_BUSY'],
    [
      'one at once',
      () => {
        throw new SyncError('USAGE', 'Zanzibar');
      },
      'USAGE',
    ],
    ['an interrupted wait', () => Promise.reject(aborted), 'ABORTED'],
    ['a mistake of ours', () => Promise.reject(new TypeError('Zanzibar')), 'INTERNAL'],
    ['success', () => 7, undefined],
    ['success later', async () => 7, undefined],
  ];
  for (const [name, work, code] of rows) {
    const ended = (async () => telemetry.span('operation', name, {}, work))();
    if (code) await t.rejects(ended, Error, name);
    else t.equal(await ended, 7, name);
  }
  await telemetry.close();
  const codes = rows.map(([, , code]) => code);
  t.strictSame(
    collector.spans.map(({ attributes }) => attributes['error.type']),
    codes,
  );
  t.strictSame(
    lines().flatMap(({ msg, code }) => (String(msg).endsWith('ended') ? [code] : [])),
    codes,
  );
  t.notMatch(collector.raw + JSON.stringify(lines()), 'Zanzibar', 'messages stay here');
});

t.test('facts are told if they are on the list and look like it', async (t) => {
  const oid = 'a'.repeat(40);
  const uuid = randomUUID();
  const rows: [Record<string, unknown>, Facts][] = [
    [
      { operation: 'push', result: 'up-to-date', code: 'STORE_BUSY', exit: 128 },
      { operation: 'push', result: 'up-to-date', code: 'STORE_BUSY', exit: 128 },
    ],
    [{ operation: 'Zanzibar figures', result: 'Grüße', code: 'see file' }, {}],
    [{ title: 'Zanzibar', email: 'ada@example.org', key: 'x', __proto__: 'y' }, {}],
    [{ objects: 3, sentBytes: Number.NaN, commits: '3', receivedBytes: Number.POSITIVE_INFINITY }, { objects: 3 }],
    [
      { ref: 'refs/heads/main', from: oid, to: 'main' },
      { ref: 'refs/heads/main', from: oid },
    ],
    [{ ref: 'refs/heads/x y', actor: 'Ada', store: 'laptop of Ada' }, {}],
    [
      { actor: 'actor-0123456789abcdef0123', store: uuid },
      { actor: 'actor-0123456789abcdef0123', store: uuid },
    ],
    [{ url: 'https://ada:pw@x.org:8443/rest/v1?apikey=k#f' }, { url: 'https://x.org:8443/rest/v1' }],
    [{ url: 'file:/home/ada/origin.db' }, {}],
    [{ url: 'not one' }, {}],
  ];
  for (const [given, told] of rows) t.strictSame(allowed(given as Facts), told, JSON.stringify(given));
});

t.test('the log', async (t) => {
  const { telemetry, file, lines } = await telling(t, { AGENT_LOG: 'warn' });
  telemetry.log('info', 'too small to tell');
  telemetry.log('warn', 'a token like sb_secret_canary', { objects: 1 });
  telemetry.span('operation', 'push', { operation: 'push' }, () => telemetry.add({ result: 'rejected' }));
  telemetry.span('operation', 'push', { operation: 'push' }, () => telemetry.add({ result: 'pushed' }));
  await telemetry.close();
  t.equal(statSync(file).mode & 0o777, 0o600, 'is read by its owner only');
  t.match(lines(), [
    { level: 'warn', time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, objects: 1, msg: 'a token like (secret)' },
    { level: 'warn', operation: 'push', result: 'rejected', trace_id: /^[0-9a-f]{32}$/, duration: Number },
  ]);
  t.equal(lines().length, 2, 'has what is bad enough, setbacks among it');
});

t.test('whoever tells, and how, only what is allowed goes out', async (t) => {
  const { telemetry, collector, lines } = await telling(t, { AGENT_LOG: 'trace' });
  const facts = { title: 'Zanzibar', result: 'Zanzibar told', commits: 3 } as Facts;
  telemetry.span('operation', 'push', facts, () => {
    telemetry.add(facts);
    telemetry.log('info', 'half way', facts);
  });
  await telemetry.close();
  t.notMatch(JSON.stringify([collector.spans, lines()]), /Zanzibar/);
  t.match(
    lines().map(({ msg, commits }) => [msg, commits]),
    [
      ['push started', 3],
      ['half way', 3],
      ['push ended', 3],
    ],
    'and that does',
  );
});

t.test('the log blots out keys that are told all the same', async (t) => {
  const file = join(t.testdir(), 'agent.log');
  const log = openLog({ level: 'info', file, cwd: '.', secret: SECRET });
  log.write('info', 'with sb_secret_1', { result: 'sb_secret_2', token: 'three', commits: 4 } as Facts);
  log.close();
  const { msg, result, token, commits } = JSON.parse(readFileSync(file, 'utf8'));
  t.notMatch([msg, result, token].join(' '), /sb_|three/);
  t.match(msg, 'with ');
  t.equal(commits, 4);
});

t.test('the environment asks', async (t) => {
  const http = 'http/protobuf';
  const endpoint = 'http://127.0.0.1:4318';
  const nothing = { log: undefined, traces: undefined, metrics: undefined };
  const rows: [string, Record<string, string>, object | undefined][] = [
    ['for nothing', {}, undefined],
    [
      'for nothing, with empty variables',
      { AGENT_LOG: '', OTEL_TRACES_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' },
      undefined,
    ],
    ['for nothing, in words', { AGENT_LOG: 'off', OTEL_TRACES_EXPORTER: 'none' }, undefined],
    ['for nothing, with a name and a trace of the caller', { OTEL_SERVICE_NAME: 'x', TRACEPARENT: '00-…' }, undefined],
    ['for a log', { AGENT_LOG: 'DEBUG' }, { ...nothing, log: { level: 'debug', file: undefined } }],
    [
      'for a log in a file',
      { AGENT_LOG: 'info', AGENT_LOG_FILE: 'x' },
      { ...nothing, log: { level: 'info', file: 'x' } },
    ],
    ['for traces', { OTEL_TRACES_EXPORTER: 'otlp' }, { ...nothing, traces: http }],
    ['for metrics', { OTEL_METRICS_EXPORTER: 'otlp' }, { ...nothing, metrics: http }],
    ['for both', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, { ...nothing, traces: http, metrics: http }],
    [
      'for both, and not for metrics',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none' },
      { ...nothing, traces: http },
    ],
    ['for metrics alone', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint }, { ...nothing, metrics: http }],
    [
      'for JSON',
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { ...nothing, traces: 'http/json' },
    ],
    [
      'to wait for a collector far away',
      { OTEL_TRACES_EXPORTER: 'otlp', AGENT_TELEMETRY_WAIT_MS: '2000' },
      { ...nothing, traces: http, farewell: 2000 },
    ],
    ['for nothing at all', { OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, undefined],
  ];
  for (const [sentence, env, expected] of rows)
    t.strictSame(askedOf(env), expected && { farewell: 150, ...expected, notes: [] }, sentence);
  const refusals: [Record<string, string>, RegExp][] = [
    [{ AGENT_LOG: 'loud' }, /^AGENT_LOG is trace, debug/],
    [{ OTEL_TRACES_EXPORTER: 'console' }, /^OTEL_TRACES_EXPORTER is otlp or none/],
    [{ OTEL_METRICS_EXPORTER: 'prometheus' }, /^OTEL_METRICS_EXPORTER is otlp or none/],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /no traces are sent$/],
  ];
  for (const [env, note] of refusals)
    t.match(askedOf(env), { ...nothing, farewell: 150, notes: [note] }, `not for ${JSON.stringify(env)}`);
  const vague = askedOf({ OTEL_TRACES_EXPORTER: 'otlp', AGENT_TELEMETRY_WAIT_MS: 'a while' });
  t.match(vague, { traces: http, farewell: 150, notes: [/^AGENT_TELEMETRY_WAIT_MS is a number/] });
});
