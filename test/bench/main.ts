/** `npm run bench`: measures agent-sync beside git, a bare start of Node and a plain table, in one run. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCommit } from './commit.js';
import { measureExchange } from './exchange.js';
import { measureImport } from './import.js';
import { measureMerge } from './merge.js';
import { measureMergeText } from './merge-text.js';

import { isMet, type Row, ratio } from './row.js';
import { measureStartUp } from './start-up.js';
import { measureStatus } from './status.js';
import { formatTable } from './table.js';
import { measureTelemetry } from './telemetry.js';
import { Workspace } from './workspace.js';

/** Each with the number of artifacts it is made for; `commit` and `merge` compare stores of both sizes. */
const MEASUREMENTS: Readonly<Record<string, (workspace: Workspace, [few, many]: Counts) => Promise<Row[]>>> = {
  'start-up': (workspace, [few]) => measureStartUp(workspace, few),
  import: async (workspace, [few, many]) => [
    ...(await measureImport(workspace, few)),
    ...(await measureImport(workspace, many)),
  ],
  status: (workspace, [few]) => measureStatus(workspace, few),
  commit: measureCommit,
  'merge-text': measureMergeText,
  merge: measureMerge,
  exchange: (workspace, [few]) => measureExchange(workspace, few),
  telemetry: (workspace, [few]) => measureTelemetry(workspace, few),
};

type Counts = readonly [few: number, many: number];

const USAGE = `npm run bench -- [options]
  --only NAMES   of ${Object.keys(MEASUREMENTS).join(',')}
  --runs N       timed runs of each side (5)
  --counts A,B   artifacts in the small and the large store (1000,10000)
  --json         one JSON document instead of the table`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(MEASUREMENTS).join(',') },
    runs: { type: 'string', default: '5' },
    counts: { type: 'string', default: '1000,10000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const names = options.only.split(',');
const runs = Number(options.runs);
const counts = options.counts.split(',').map(Number);
const isCount = (n: number) => Number.isInteger(n) && n > 0;
const understood =
  names.every((name) => MEASUREMENTS[name]) && isCount(runs) && counts.length === 2 && counts.every(isCount);

if (options.help || !understood) {
  console.error(USAGE);
  process.exitCode = options.help ? 0 : 129;
} else {
  await bench();
}

async function bench(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const workspace = new Workspace(runs, interrupted.signal, say);
  const rows: Row[] = [];
  try {
    for (const name of names) {
      say(`measuring ${name} ...`);
      rows.push(...(await MEASUREMENTS[name]!(workspace, counts as [number, number])));
    }
    console.log(options.json ? formatJson(rows) : `${machine()}\n\n${formatTable(rows)}`);
  } finally {
    workspace.close();
  }
}

function machine(): string {
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  return `${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}, ${git}; medians of ${runs} runs or more (least-greatest)`;
}

function formatJson(rows: readonly Row[]): string {
  const measured = rows.map((row) => ({
    ...row,
    ratio: ratio(row),
    aims: row.aims?.map((aim) => ({ ...aim, met: isMet(row, aim) })) ?? [],
  }));
  return JSON.stringify({ machine: machine(), unit: 'ms', rows: measured }, null, 2);
}
