import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../paths.js';

const AGENT = join(repoRoot, 'dist/bin/agent.js');
/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9';

t.test('what few commands need is read only by those', async (t) => {
  const cwd = t.testdir();
  const loaded = join(cwd, 'loaded.txt');
  const hook = join(cwd, 'hook.cjs');
  writeFileSync(
    hook,
    `const Module = require('node:module');
    const { appendFileSync } = require('node:fs');
    const load = Module._load;
    Module._load = function (request, ...rest) {
      appendFileSync(${JSON.stringify(loaded)}, request + '\\n');
      return load.call(this, request, ...rest);
    };`,
  );
  const env = { ...process.env, HOME: cwd, SUPABASE_USER: 'Ada <ada@example.org>', NODE_OPTIONS: `--require ${hook}` };
  const run = (argv: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    writeFileSync(loaded, '');
    const { stderr } = spawnSync(process.execPath, [AGENT, ...argv], {
      cwd,
      env: { ...env, ...more },
      encoding: 'utf8',
    });
    return { requests: readFileSync(loaded, 'utf8').split('\n'), stderr };
  };
  /** The names of the scripts in `dist/bin/apart` that a command line reads. */
  const apart = (...argv: string[]) =>
    run(argv).requests.flatMap((request) => /\/apart\/(.*)\.cjs$/.exec(request)?.[1] ?? []);
  const story = '.agent/cache/stories/WEB/WEB-001-search.md';
  mkdirSync(join(cwd, '.agent/cache/stories/WEB'), { recursive: true });
  writeFileSync(join(cwd, story), '# WEB-001: Search\n\n## State\n\nDRAFT\n');
  apart('sync', 'init');
  const rows: [readonly string[], readonly string[]][] = [
    [['sync', 'import'], []],
    [['sync', 'status'], []],
    [['sync', 'conflicts'], []],
    [['list'], []],
    [['show', 'WEB-001', '--json'], ['parse-artifact']],
  ];
  for (const [argv, expected] of rows) t.strictSame(apart(...argv), expected, `agent ${argv.join(' ')}`);
  writeFileSync(join(cwd, '.agent/cache/stories/WEB/WEB-002-call.md'), 'Tel. +49 1512 3456789\n');
  t.strictSame(apart('sync', 'status'), ['phones'], 'agent sync status, of a file that may hold a telephone number');

  await t.test('what logs and traces need is read by who asks for them', async (t) => {
    const told = (env: Readonly<Record<string, string>>) => {
      const { requests } = run(['list'], env);
      const names = requests.map((request) => /^@opentelemetry\/(sdk-\w+)|\/(json-log)\.cjs$/.exec(request)?.slice(1));
      return [...new Set(names.flatMap((name) => name?.find(Boolean) ?? []))].sort();
    };
    const asked: [Record<string, string>, readonly string[]][] = [
      [{}, []],
      [{ TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, OTEL_SERVICE_NAME: 'planning' }, []],
      [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, []],
      [{ AGENT_LOG: 'error' }, ['json-log']],
      [
        { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: DEAD, OTEL_TRACES_EXPORTER: 'none' },
        ['sdk-metrics'],
      ],
    ];
    for (const [env, expected] of asked) t.strictSame(told(env), expected, JSON.stringify(env));
    const all = told({ AGENT_LOG: 'error', OTEL_EXPORTER_OTLP_ENDPOINT: DEAD });
    t.ok(
      ['json-log', 'sdk-metrics', 'sdk-trace'].every((name) => all.includes(name)),
      'and all of it by who asks for all',
    );
  });

  await t.test('without the optional packages a command says so and does its work', async (t) => {
    const missing = join(cwd, 'missing.cjs');
    writeFileSync(
      missing,
      `const Module = require('node:module');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (request, ...rest) {
        if (!request.startsWith('@opentelemetry/')) return resolve.call(this, request, ...rest);
        throw Object.assign(new Error('Cannot find module ' + request), { code: 'MODULE_NOT_FOUND' });
      };`,
    );
    const env = { NODE_OPTIONS: `--require ${missing}`, OTEL_EXPORTER_OTLP_ENDPOINT: DEAD };
    const { stdout, stderr, status } = spawnSync(process.execPath, [AGENT, 'list'], {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    t.equal(status, 0);
    t.match(stdout, /WEB-001 +DRAFT +Search/);
    t.match(stderr, /^warning: .*@opentelemetry.* not installed \[DEPENDENCY_MISSING\]\n$/);
  });

  await t.test('a log that cannot be written is a warning', async (t) => {
    const { stderr } = run(['list'], { AGENT_LOG: 'trace', AGENT_LOG_FILE: join(hook, 'agent.log') });
    t.match(stderr, /^warning: cannot write the log .*hook\.cjs.*\n$/);
  });
});
