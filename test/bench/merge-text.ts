import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Sides } from '../../lib/core/merge/combine.js';
import { mergeText } from '../../lib/core/merge/merge-text.js';
import { repoRoot, sharedPath } from '../paths.js';
import { ENVIRONMENT } from './commands.js';
import { HOSTILE, type HostileResult } from './hostile-merge.js';
import { alternate, type Times, timed } from './measure.js';
import type { Row } from './row.js';
import type { Workspace } from './workspace.js';

type Diff3 = (a: string[], o: string[], b: string[]) => { ok?: string[]; conflict?: { a: string[]; b: string[] } }[];
const diff3 = createRequire(import.meta.url)('diff3') as Diff3;

/** At least 15 merges of ours in the time of one of git. */
const GIT_IS_SLOWER = 0.066;
const HOSTILE_MILLISECONDS = 5000;
const HOSTILE_MEGABYTES = 1024;

/** Merges all triples with our library, with `git merge-file` and with the library diff3; and hostile ones in a process of their own. */
export async function measureMergeText(workspace: Workspace): Promise<Row[]> {
  const { what, triples } = readTriples();
  const folder = workspace.fresh();
  const files = triples.map((triple, i) => writeTriple(folder, String(i), triple));
  const times = await alternate(workspace.runs, {
    ours: () => timed(() => triples.map(({ base, ours, theirs }) => mergeText(base, ours, theirs))),
    git: () => timed(() => files.forEach(mergeFile)),
    diff3: () => timed(() => triples.forEach(mergeByDiff3)),
  });
  return [
    {
      what,
      ours: times.ours,
      against: 'git merge-file, a process each',
      theirs: times.git,
      aims: [{ most: GIT_IS_SLOWER, of: 'ratio' }],
    },
    { what, ours: times.ours, against: 'diff3 of npm', theirs: times.diff3, aims: [{ most: 1, of: 'ratio' }] },
    ...(await measureHostile(workspace)),
  ];
}

/** The real merges where they are at hand, and ours otherwise. */
function readTriples(): { readonly what: string; readonly triples: readonly Sides<Buffer>[] } {
  const real = sharedPath('merge-cases', 'real.jsonl.gz');
  if (real) {
    const lines = gunzipSync(readFileSync(real)).toString().trim().split('\n');
    const decode = (text: string) => Buffer.from(text, 'base64');
    const triples = lines.map((line): Sides<Buffer> => {
      const { base, ours, theirs } = JSON.parse(line) as Sides<string>;
      return { base: decode(base), ours: decode(ours), theirs: decode(theirs) };
    });
    return { what: `mergeText, ${triples.length} real merges`, triples };
  }
  const cases = JSON.parse(readFileSync(join(repoRoot, 'fixtures/merge/text-cases.json'), 'utf8')) as Sides<string>[];
  const triples = cases.map(({ base, ours, theirs }) => ({
    base: Buffer.from(base),
    ours: Buffer.from(ours),
    theirs: Buffer.from(theirs),
  }));
  return { what: `mergeText, ${triples.length} made merges`, triples };
}

type Paths = readonly [ours: string, base: string, theirs: string];

function writeTriple(folder: string, name: string, { base, ours, theirs }: Sides<Uint8Array>): Paths {
  const write = (side: string, bytes: Uint8Array) => {
    const path = join(folder, `${name}-${side}`);
    writeFileSync(path, bytes);
    return path;
  };
  return [write('ours', ours), write('base', base), write('theirs', theirs)];
}

function mergeFile(paths: Paths): void {
  spawnSync('git', ['merge-file', '-p', '-q', ...paths], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 30,
  });
}

/** The library answers blocks of lines; markers are its caller's. */
function mergeByDiff3({ base, ours, theirs }: Sides<Buffer>): string {
  const [a, o, b] = [ours, base, theirs].map((bytes) => bytes.toString('latin1').split('\n')) as [
    string[],
    string[],
    string[],
  ];
  return diff3(a, o, b)
    .flatMap(({ ok, conflict }) =>
      conflict ? ['<<<<<<< ours', ...conflict.a, '=======', ...conflict.b, '>>>>>>> theirs'] : (ok ?? []),
    )
    .join('\n');
}

async function measureHostile(workspace: Workspace): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, make] of Object.entries(HOSTILE)) {
    const paths = writeTriple(workspace.fresh(), 'hostile', make());
    const ours: HostileResult[] = [];
    const sides = await alternate(workspace.runs, {
      ours: async () => {
        const result = await mergeHostile(what);
        ours.push(result);
        return result.milliseconds;
      },
      git: () => timed(() => mergeFile(paths)),
    });
    const peak = Math.max(...ours.map(({ megabytes }) => megabytes));
    if (peak > HOSTILE_MEGABYTES) workspace.say(`${what}: ${peak} MB, more than ${HOSTILE_MEGABYTES}`);
    const { git, ...own }: Record<'ours' | 'git', Times> = sides;
    rows.push({
      what: `mergeText, ${what} (peak ${peak} MB)`,
      ours: own.ours,
      against: 'git merge-file (myers)',
      theirs: git,
      aims: [{ most: HOSTILE_MILLISECONDS, of: 'ms' }],
    });
  }
  return rows;
}

async function mergeHostile(what: string): Promise<HostileResult> {
  const script = fileURLToPath(import.meta.resolve('./hostile-merge.js'));
  const { stdout } = await promisify(execFile)(process.execPath, [script, what]);
  return JSON.parse(stdout) as HostileResult;
}
