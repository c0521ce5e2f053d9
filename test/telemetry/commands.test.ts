/** Logs and statistics of the commands of two people who share a project. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import t from 'tap';
import { boundsOf, joinSeries, measured, quantile } from '../../lib/core/metrics/instruments.js';
import {
  enqueue,
  importArtifacts,
  measurements,
  openRepository,
  pushWithPull,
  type Telemetry,
} from '../../lib/index.js';
import { openStore } from '../../lib/store/open-store.js';
import { formatPrometheus } from '../../lib/telemetry/prometheus.js';
import { runHere } from '../cli/command-line.js';
import { Developer } from '../e2e/developer.js';
import { commit, OTHER, pair, STORY } from '../e2e/pair.js';
import { parsePrometheus } from './prometheus-text.js';

/** Runs commands of one person who has a log. */
function withLog(who: Developer, level: string) {
  const file = join(who.root, 'agent.log');
  const env = { ...who.env, AGENT_LOG: level, AGENT_LOG_FILE: file };
  return {
    run: (line: string) => runHere(line.split(' '), { cwd: who.root, env }),
    lines: (): Record<string, unknown>[] =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

function auditOf(who: Developer) {
  return who.run(({ store }) => store.audit.read({ after: 0 }));
}

t.test('what the audit has, the log has begun and ended', async (t) => {
  const { ada, ben } = await pair(t);
  const before = (await auditOf(ben)).length;
  const { run, lines } = withLog(ben, 'info');
  await commit(ada, STORY, 'Two.', 'Two, by Ada.');
  await ada.run((repo) => pushWithPull(repo));
  const backup = join(ben.root, 'backup.db');
  const commands: [string, number][] = [
    ['sync fetch', 0],
    ['set-state SYNC-002 ACCEPTED', 0],
    ['sync export', 0],
    ['sync push', 1],
    ['sync pull --rebase', 0],
    ['sync push', 0],
    ['new-story Another', 0],
    ['rm SYNC-003', 0],
    ['sync undo', 0],
    ['sync gc', 0],
    [`sync backup ${backup}`, 0],
    ['sync doctor --fix', 0],
    ['sync push', 0],
  ];
  for (const [line, code] of commands) {
    const ended = await run(line);
    t.equal(ended.code, code, `${line}: one document on standard output`);
    t.notMatch(ended.err, /^\{/m, 'and no line of the log on standard error');
  }
  await commit(ada, STORY, 'One.', 'One, by Ada.');
  await ada.run((repo) => pushWithPull(repo));
  ben.edit(STORY, 'One.', 'One, by Ben.');
  for (const line of [
    'sync import',
    'sync pull',
    `sync resolve ${STORY} --ours`,
    'sync merge --continue',
    'sync push --pull',
  ])
    await run(line);
  await run('show NOPE-001');

  const audited = (await auditOf(ben)).slice(before).map(({ action }) => action);
  t.ok(new Set(audited).size > 12, 'many kinds of operation');
  const told = (end: string) =>
    lines().flatMap(({ operation, msg }) => (operation && msg === `${operation} ${end}` ? [operation] : []));
  t.strictSame(told('ended'), audited);
  t.strictSame(told('started'), audited);
  const results = lines().map(({ level, msg, result, code }) => `${level} ${msg}: ${result ?? code}`);
  for (const expected of ['warn push ended: rejected', 'warn pull ended: conflicted', 'info push ended: pushed'])
    t.ok(results.includes(expected), expected);
  const text = JSON.stringify(lines());
  for (const canary of ['by Ben', 'Another', 'ben@example.org', STORY, ben.root]) t.notMatch(text, canary);
});

t.test('agent sync stats', async (t) => {
  const { ada, ben } = await pair(t);
  const { run } = withLog(ben, 'off');
  const share = async (text: string) => {
    await commit(ada, STORY, 'Two.', text);
    await ada.run((repo) => pushWithPull(repo));
  };
  await commit(ben, OTHER, 'Two.', 'Two, by Ben.');
  await share('Two.\nAnd a half.');
  await run('sync push --pull');
  await share('Two, by Ada.');
  await commit(ben, STORY, 'Two.', 'Two, by Ben.');
  t.equal((await run('sync pull')).code, 1, 'a conflict');
  await ben.run((repo) => enqueue(repo, { do: 'push' }));

  const { document } = await run('sync stats');
  t.match(document, {
    merges: { merged: 1, conflicted: 1, conflicts: 1, conflictRate: 0.5 },
    origin: { retries: { push: 1 }, requests: {}, sentBytes: 0 },
    artifacts: { plan: 0, story: 2, runbook: 0 },
    queue: { waiting: 1, blocked: 0, refused: 0 },
  });
  const { operations, objects, storeBytes } = document as unknown as {
    operations: { operation: string; count: number; failed: number; mean: number; p95: number }[];
    objects: number;
    storeBytes: number;
  };
  t.strictSame(
    operations.map(({ operation, count, failed }) => [operation, count, failed]),
    [
      ['import', 2, 0],
      ['init', 1, 0],
      ['pull', 2, 0],
      ['push', 1, 0],
    ],
    'every command of Ben, by operation',
  );
  t.ok(operations.every(({ mean, p95 }) => mean > 0 && p95 > 0));
  t.equal(objects, await ben.run(({ store }) => [...store.objects.list()].length));
  t.ok(storeBytes >= 8192);

  await t.test('--prometheus', async (t) => {
    const families = parsePrometheus(await ben.run((repo) => formatPrometheus(measurements(repo))));
    const value = (name: string, labels = {}) =>
      families
        .get(`agent_sync_${name}`)
        ?.samples.filter((sample) => Object.entries(labels).every(([label, said]) => sample.labels[label] === said))
        .reduce((sum, sample) => sum + sample.value, 0);
    t.equal(value('merges_total', { result: 'conflicted' }), 1);
    t.equal(value('conflicts_total'), 1);
    t.equal(value('sent_bytes_total'), 0, 'what never happened and has no labels is zero');
    t.equal(value('requests_total'), undefined, 'what has labels is not there');
    t.equal(value('queue_depth', { status: 'waiting' }), 1);
    t.equal(value('objects'), objects);
    t.equal(value('operation_duration_seconds', { operation: 'import', le: '+Inf' }), 2);
    const usage = await run('sync stats --prometheus');
    t.match([usage.code, usage.document], [129, { error: { code: 'USAGE' } }], 'is no JSON');
  });
});

t.test('measurements add up over all that opened the store, of any version', async (t) => {
  const path = join(t.testdir(), 'agent.db');
  for (let n = 0; n < 3; n++) {
    const store = openStore(path, { create: true });
    store.metrics.add([measured('conflicts', 2), measured('retries', 1, { operation: 'push' })]);
    store.metrics.add([measured('operation_duration', 1, { result: 'done', operation: 'gc' })]);
    store.close();
  }
  const database = new Database(path);
  database.exec(`insert into metrics values ('of the future', '{}', 1, 1, '[]');
    update metrics set buckets = '[1,2]' where instrument = 'operation_duration'`);
  database.close();
  const store = openStore(path);
  store.metrics.add([measured('operation_duration', 1, { operation: 'gc', result: 'done' })]);
  t.match(
    store.metrics.list().map(({ instrument, count, sum }) => [instrument, count, sum]),
    [
      ['conflicts', 3, 6],
      ['operation_duration', 1, 1],
      ['retries', 3, 3],
    ],
    'those with other buckets begin anew, and what nobody knows is left alone',
  );
  store.close();
});

t.test('what is in an artifact or a name cannot break the text for Prometheus', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (result) => {
      const text = formatPrometheus([
        measured('merges', 1, { result }),
        measured('operation_duration', 0.3, { result }),
      ]);
      const families = parsePrometheus(text);
      return families.get('agent_sync_merges_total')!.samples[0]!.labels.result === result;
    }),
    { examples: [['"'], ['\\'], ['\n'], ['\\n'], ['a="b",c="d"} 1']] },
  );
  t.pass();
});

t.test('quantiles lie in the bucket of the value that they stand for', async (t) => {
  const bounds = boundsOf('operation_duration');
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 299, noNaN: true }), { minLength: 1 }), (seconds) => {
      const series = seconds.map((value) => measured('operation_duration', value)).reduce(joinSeries);
      const exact = seconds.toSorted((a, b) => a - b)[Math.ceil(0.95 * seconds.length) - 1]!;
      const upper = bounds.findIndex((bound) => exact <= bound);
      const estimate = quantile(series, 0.95)!;
      return estimate <= bounds[upper]! && estimate >= (bounds[upper - 1] ?? 0);
    }),
  );
  t.equal(quantile(measured('operation_duration', 1000), 0.95), bounds.at(-1), 'beyond the last bound it is that');
});

t.test('a program that uses the library is told by its own means', async (t) => {
  const ada = new Developer(t, 'ada');
  await ada.init();
  const told: string[] = [];
  const telemetry: Telemetry = {
    span: (kind, name, _facts, work) => {
      told.push(`${kind} ${name}`);
      return work();
    },
    add: () => {},
    log: () => {},
    measure: (instrument, _value, labels) => told.push(`${instrument} ${JSON.stringify(labels)}`),
    traceparent: () => `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    close: async () => void told.push('closed'),
  };
  const repo = await openRepository(ada.root, { env: ada.env, telemetry });
  ada.write(STORY, '# SYNC-001: One\n');
  await importArtifacts(repo);
  await repo.close();
  t.strictSame(told, [
    'operation import',
    'step scan files',
    'step decide and commit',
    'step write files',
    'operation_duration {"operation":"import","result":"imported"}',
  ]);
  t.match(
    (await auditOf(ada)).at(-1),
    { action: 'import', traceparent: telemetry.traceparent() },
    'and so is the audit',
  );
});
