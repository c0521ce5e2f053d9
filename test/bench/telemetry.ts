import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as listenTcp, type Server } from 'node:net';
import { agent } from './commands.js';
import { alternate } from './measure.js';
import type { Row } from './row.js';
import type { Workspace } from './workspace.js';

const RUNS_EACH = 3;

/** What logs and traces cost a command, and what a collector that is dead does: 200 ms more at most. */
export async function measureTelemetry(workspace: Workspace, count: number): Promise<Row[]> {
  const cwd = await workspace.pushedProject(count);
  const alive = createServer((incoming, outgoing) => incoming.resume().on('end', () => outgoing.end()));
  const silent = listenTcp((socket) => socket.on('error', () => {}));
  const list = (env: Readonly<Record<string, string>>) => () => agent(['list'], { cwd, env });
  const sides = {
    untold: list({}),
    logged: list({ AGENT_LOG: 'trace' }),
    traced: list({ OTEL_EXPORTER_OTLP_ENDPOINT: await listen(alive) }),
    refused: list({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }),
    silent: list({ OTEL_EXPORTER_OTLP_ENDPOINT: await listen(silent) }),
  };
  await alternate(2, sides);
  const times = await alternate<keyof typeof sides>(workspace.runs * RUNS_EACH, sides);
  alive.close();
  silent.close();
  workspace.remove(cwd);
  const row = (what: string, ours: keyof typeof sides, against: string, theirs: keyof typeof sides): Row => ({
    what: `agent list, ${what}`,
    ours: times[ours],
    against,
    theirs: times[theirs],
  });
  return [
    row('with a log', 'logged', 'without', 'untold'),
    row('with a collector', 'traced', 'without', 'untold'),
    row('its collector refuses', 'refused', 'it answers', 'traced'),
    row('its collector is silent', 'silent', 'it answers', 'traced'),
  ];
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
