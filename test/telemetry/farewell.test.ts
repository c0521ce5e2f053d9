/** What becomes of a command whose collector is dead: it does its work, and does not wait. */
import { type ExecFileException, execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { initRepository } from '../../lib/index.js';
import { candidates, hostsOf, openLookup } from '../../lib/telemetry/lookup.js';
import { repoRoot } from '../paths.js';

const PROGRAM = join(repoRoot, 'dist/bin/agent.js');
const SCRIPT = join(repoRoot, 'dist/test/telemetry/farewell.js');

/** Addresses of collectors that take nothing, by what they do. */
const DEAD: Readonly<Record<string, (t: Test) => Promise<string>>> = {
  'refuses connections': async (t) => {
    const { server, url } = await listen(t, () => {});
    server.close();
    await once(server, 'close');
    return url;
  },
  'accepts and never answers': (t) => hold(t, () => {}),
  'begins to answer and stops': (t) =>
    hold(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{')),
  'asks to come back in an hour': (t) =>
    hold(t, (socket) => socket.write('HTTP/1.1 503 Busy\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n')),
  'has a name that nobody knows': async () => 'http://collector.invalid:4318',
};

async function listen(t: Test, accept: (socket: Socket) => void): Promise<{ server: Server; url: string }> {
  const server = createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A collector that never ends a connection by itself. */
async function hold(t: Test, onRequest: (socket: Socket) => void): Promise<string> {
  const { url } = await listen(t, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => onRequest(socket));
    t.teardown(() => socket.destroy());
  });
  return url;
}

/** Runs a script that would wait for an hour for an exporter that had its way. */
function run(script: string, argv: readonly string[], cwd: string, endpoint: string) {
  const patience = { OTEL_EXPORTER_OTLP_TIMEOUT: '3600000', OTEL_BSP_EXPORT_TIMEOUT: '3600000' };
  const env = { PATH: process.env.PATH ?? '', ...patience, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [script, ...argv], { cwd, env }, (error: ExecFileException | null, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

t.test('a command does its work although its collector', async (t) => {
  const cwd = t.testdir();
  await initRepository(cwd, { env: {} });
  for (const sentence of ['refuses connections', 'accepts and never answers']) {
    const { code, out, err } = await run(PROGRAM, ['sync', 'status', '--json'], cwd, await DEAD[sentence]!(t));
    t.equal(code, 0, sentence);
    t.match(JSON.parse(out), { branch: 'refs/heads/main' }, 'and says what it has to say');
    t.equal(err, '', 'and nothing else');
  }
});

t.test('nothing waits longer than promised, and nothing is left to wait for, with a collector that', async (t) => {
  const ended = Object.entries(DEAD).map(async ([sentence, start]) => {
    t.strictSame(await run(SCRIPT, [], repoRoot, await start(t)), { code: 0, out: '', err: '' }, sentence);
  });
  await Promise.all(ended);
});

t.test('names of collectors', async (t) => {
  await t.test('a name server that never answers is given up at the end', async (t) => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    t.teardown(() => silent.close());
    const { lookup, close } = openLookup([`127.0.0.1:${silent.address().port}`]);
    const answer = new Promise((resolve) => lookup('collector.example.org.', { all: true }, resolve));
    await once(silent, 'message');
    close();
    // It would have been given up after a second anyway.
    const late = delay(500, 'late', { ref: false });
    t.match(await Promise.race([answer, late]), { code: 'ENOTFOUND' });
  });

  await t.test('the machine itself needs no name server', async (t) => {
    const { lookup, close } = openLookup(['127.0.0.1:9']);
    t.teardown(close);
    const all = await new Promise<unknown>((resolve) =>
      lookup('otel.localhost', { all: true }, (_, found) => resolve(found)),
    );
    t.strictSame(all, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    const one = await new Promise<unknown>((resolve) =>
      lookup('otel.localhost', { family: 6 }, (_, found) => resolve(found)),
    );
    t.equal(one, '::1');
  });

  await t.test('as hosts(5) and resolv.conf(5) say', async (t) => {
    const hosts = '127.0.0.1 localhost # not: collector\n10.0.0.7\tcollector Otel.example.org\n::7 collector\n';
    t.strictSame(hostsOf(hosts, 'collector'), [
      { address: '10.0.0.7', family: 4 },
      { address: '::7', family: 6 },
    ]);
    t.strictSame(hostsOf(hosts, 'otel.EXAMPLE.org'), [{ address: '10.0.0.7', family: 4 }]);
    t.strictSame(hostsOf(hosts, 'not:'), []);
    const rows: [string, string, readonly string[]][] = [
      ['collector', '', ['collector']],
      ['collector', 'search a.local b.local', ['collector.a.local', 'collector.b.local', 'collector']],
      ['collector.example.org', 'search a.local', ['collector.example.org', 'collector.example.org.a.local']],
      ['collector.ns', 'search a.local\noptions ndots:5', ['collector.ns.a.local', 'collector.ns']],
      ['collector.', 'search a.local', ['collector.']],
      ['collector', 'search a.local\nsearch b.local', ['collector.b.local', 'collector']],
    ];
    for (const [name, file, expected] of rows) t.strictSame(candidates(name, file), expected, `${name} with '${file}'`);
  });
});
