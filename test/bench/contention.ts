/**
 * `node dist/test/bench/contention.js [--processes 8] [--pushes 10] [--pause 0]`: how fair `push --pull` is when many push at once.
 *
 * Each process has a store of its own and changes an artifact of its own, so that every merge is clean. What a push is measured
 * to take is all of it, pulls and waits included. Between two pushes a process pauses for up to twice as many milliseconds as asked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importArtifacts, initRepository, openRepository, pull, pushWithPull } from '../../lib/index.js';
import { startEmbeddedOrigin } from '../../lib/origin/embedded/start.js';

/** What one push took. */
interface Pushed {
  readonly ms: number;
  readonly attempts: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: 'string', default: '8' },
    pushes: { type: 'string', default: '10' },
    pause: { type: 'string', default: '0' },
  },
});
const [mode, root, name] = positionals;
if (mode === 'work') await work(root!, name!, Number(values.pushes));
else await measure(Number(values.processes), Number(values.pushes));

/** A process that pushes: says that it is ready, waits for a line, and answers with what each push took. */
async function work(root: string, name: string, pushes: number): Promise<void> {
  const repo = await openRepository(root);
  await pull(repo);
  console.log('ready');
  const path = `stories/BUSY/BUSY-${name}-work.md`;
  const file = join(root, '.agent/cache', path);
  mkdirSync(dirname(file), { recursive: true });
  await once(process.stdin, 'data');
  const made: Pushed[] = [];
  for (let n = 0; n < pushes; n++) {
    writeFileSync(file, `# BUSY-${name}: Work\n\n## State\n\nDRAFT\n\n## Problem Statement\n\nPush ${n}.\n`);
    await importArtifacts(repo, { paths: [path] });
    await setTimeout(Math.random() * 2 * Number(values.pause));
    const begun = performance.now();
    const { status, attempts = 1 } = await pushWithPull(repo, { attempts: 10_000 });
    if (status !== 'pushed') throw new Error(`push ${n} of ${name}: ${status}`);
    made.push({ ms: performance.now() - begun, attempts });
  }
  await repo.close();
  console.log(JSON.stringify(made));
  process.exit(0);
}

async function measure(processes: number, pushes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-sync-contention-'));
  const database = mkdtempSync(join('/var/tmp', 'agent-sync-contention-'));
  const origin = await startEmbeddedOrigin({ directory: database });
  try {
    const { token } = await origin.addUser('bench');
    const env = { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token };
    for (const [what, url] of [
      ['file origin', `file:${join(folder, 'origin.db')}`],
      ['embedded origin', origin.url],
    ] as const) {
      await measureOrigin(what, url, { ...env, SUPABASE_USER: 'bench <bench@example.org>' }, folder, processes, pushes);
    }
  } finally {
    await origin.stop();
    for (const made of [folder, database]) rmSync(made, { recursive: true, force: true });
  }
}

async function measureOrigin(
  what: string,
  url: string,
  env: Record<string, string>,
  folder: string,
  processes: number,
  pushes: number,
): Promise<void> {
  await begin(mkdtempSync(join(folder, 'first-')), url, env);
  const workers = await Promise.all(
    Array.from({ length: processes }, async (_, i) => {
      const root = mkdtempSync(join(folder, 'store-'));
      await initRepository(root, { origin: url, project: 'contention', env });
      const args = [
        fileURLToPath(import.meta.url),
        'work',
        root,
        String(i + 1),
        '--pushes',
        String(pushes),
        '--pause',
        values.pause,
      ];
      const child = spawn(process.execPath, args, {
        env: { ...process.env, ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      if ((await lines.next()).value !== 'ready') throw new Error('a process did not start');
      return { child, answer: async () => JSON.parse((await lines.next()).value as string) as Pushed[] };
    }),
  );
  const begun = performance.now();
  for (const { child } of workers) child.stdin.write('go\n');
  const made = await Promise.all(
    workers.map(async ({ answer }) => ({ pushed: await answer(), done: performance.now() - begun })),
  );
  const all = made.flatMap(({ pushed }) => pushed);
  console.log(
    `${what}: ${processes} processes, ${pushes} pushes each, ${Math.round(performance.now() - begun)} ms in all`,
  );
  console.log(`  attempts a push    ${summary(all.map(({ attempts }) => attempts))}`);
  console.log(`  ms a push          ${summary(all.map(({ ms }) => ms))}`);
  console.log(`  ms a process       ${summary(made.map(({ done }) => done))}`);
}

/** A first commit, so that all have one in common. */
async function begin(root: string, url: string, env: Record<string, string>): Promise<void> {
  await initRepository(root, { origin: url, project: 'contention', env });
  const repo = await openRepository(root, { env });
  mkdirSync(join(root, '.agent/cache/stories/BUSY'), { recursive: true });
  writeFileSync(join(root, '.agent/cache/stories/BUSY/BUSY-100-first.md'), '# BUSY-100: First\n\nStatus: DRAFT\n');
  await importArtifacts(repo);
  await pushWithPull(repo);
  await repo.close();
}

function summary(numbers: readonly number[]): string {
  const sorted = numbers.map(Math.round).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `min ${at(0)}, median ${at(0.5)}, 95% ${at(0.95)}, max ${at(1)}`;
}
