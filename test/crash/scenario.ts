/** Runs a command, killed at each of its boundaries in turn, and says what is wrong afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { hashObject } from '../../lib/core/object/oid.js';
import { repoRoot } from '../paths.js';
import { compareSnapshots, filesBelow, isLeftOver, objectsOf, type Snapshot, takeSnapshot } from './snapshot.js';
import { type Person, Stage, wordsOf } from './stage.js';

/** A command and what leads up to it; Ada runs it. */
export interface Scenario {
  readonly name: string;
  readonly prepare: (stage: Stage) => Promise<unknown> | unknown;
  readonly line: string;
  readonly input?: string;
  /** How it ends when nothing happens; 0 when left out. */
  readonly code?: number;
  /** How it may also end when it is run again, because the first time it had done its work before it was killed. */
  readonly codeAgain?: number;
  /** Objects may go. */
  readonly drops?: boolean;
}

/** A run that was killed. */
interface Kill {
  readonly number: number;
  readonly name: string;
}

const AGENT = join(repoRoot, 'dist/bin/agent.js');
const BOUNDARIES = join(repoRoot, 'dist/test/crash/boundaries.js');
/** Every kill point, and not only some of each command's. */
const FULL = process.env.AGENT_TEST_FULL === '1';
const HOUR = 3_600_000;

/**
 * Tests a command at its kill points: `few` of them, the rarest sorts first, unless the environment asks for all.
 *
 * @returns how many were tested
 */
export async function killAtEachBoundary(t: Test, scenario: Scenario, few: number): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'agent-sync-crash-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const fixture = join(home, 'fixture');
  await scenario.prepare(new Stage(fixture));
  const { kills, snapshot } = await runUndisturbed(t, scenario, copyOf(fixture, join(home, 'whole')));
  const chosen = FULL ? kills : choose(kills, few);
  const each = async (kill: Kill) => {
    const folder = copyOf(fixture, join(home, `kill-${kill.number}`));
    const problems = await killAndRepeat(scenario, fixture, folder, kill, snapshot);
    t.strictSame(problems, [], `${scenario.name}, killed ${kill.name}`);
    rmSync(folder, { recursive: true, force: true });
  };
  const queue = [...chosen];
  const worker = async () => {
    for (let kill = queue.shift(); kill; kill = queue.shift()) await each(kill);
  };
  await Promise.all([worker(), worker()]);
  return chosen.length;
}

async function runUndisturbed(
  t: Test,
  scenario: Scenario,
  folder: string,
): Promise<{ readonly kills: readonly Kill[]; readonly snapshot: Snapshot }> {
  const { code, output, names } = await runWatched(scenario, folder, 0);
  if (code !== (scenario.code ?? 0)) t.fail(`${scenario.name} ends with ${code}: ${output}`);
  return { kills: names.map((name, i) => ({ number: i + 1, name })), snapshot: takeSnapshot(folder) };
}

/** What is wrong after a kill, and after the command was run again. */
async function killAndRepeat(
  scenario: Scenario,
  fixture: string,
  folder: string,
  kill: Kill,
  wanted: Snapshot,
): Promise<string[]> {
  const { signal, names, output } = await runWatched(scenario, folder, kill.number);
  if (signal !== 'SIGKILL') return [`it was not killed, but passed ${names.length} boundaries: ${output}`];
  const { ada } = new Stage(folder);
  const problems = [...(await findDamage(ada)), ...findLosses(fixture, folder, scenario)];
  for (const path of filesBelow(folder).filter(isLeftOver)) {
    const past = new Date(Date.now() - HOUR);
    utimesSync(join(folder, path), past, past);
  }
  const again = await ada.run(scenario.line, scenario.input);
  if (![scenario.code ?? 0, scenario.codeAgain].includes(again.code)) {
    problems.push(`run again, it ends with ${again.code}: ${again.output}`);
  }
  problems.push(...compareSnapshots(takeSnapshot(folder), wanted));
  await ada.run('sync status');
  const left = filesBelow(join(folder, 'ada/.agent')).filter(isLeftOver);
  if (left.length > 0) problems.push(`nobody sweeps ${left.join(', ')}`);
  return [...problems, ...(await findDamage(ada))];
}

async function findDamage(person: Person): Promise<string[]> {
  if (!existsSync(person.file('agent.db'))) return [];
  const { code, output } = await person.run('sync fsck');
  if (output.includes('[NOT_A_REPOSITORY]')) return [];
  return code === 0 ? [] : [`fsck ends with ${code}: ${output}`];
}

/** What was in a store is in it still, and what was on disk is there or in the store. */
function findLosses(fixture: string, folder: string, { drops = false }: Scenario): string[] {
  const problems: string[] = [];
  for (const path of filesBelow(fixture)) {
    if (path.endsWith('.db') && !drops) {
      const now = objectsOf(join(folder, path));
      const lost = [...objectsOf(join(fixture, path))].filter((oid) => !now.has(oid));
      if (lost.length > 0) problems.push(`${path} has lost ${lost.join(', ')}`);
    }
    if (!/^ada\/\.agent\/cache\/.*\.md$/.test(path)) continue;
    const bytes = readFileSync(join(fixture, path));
    const isThere = existsSync(join(folder, path)) && readFileSync(join(folder, path)).equals(bytes);
    const oid = hashObject('blob', bytes).toUpperCase();
    if (!isThere && !objectsOf(join(folder, 'ada/.agent/cache/agent.db')).has(oid)) problems.push(`${path} is lost`);
  }
  return problems;
}

interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** The boundaries passed. */
  readonly names: readonly string[];
}

/** Runs the command as a process of its own, to the end or to one of its boundaries. */
async function runWatched({ line, input = '' }: Scenario, folder: string, at: number): Promise<Watched> {
  const { root, env } = new Stage(folder).ada;
  const log = `${folder}.log`;
  // tap would watch it, and write files of its own.
  const node = ['-u', 'NODE_OPTIONS', process.execPath, '--import', `file://${BOUNDARIES}`];
  const child = spawn('env', [...node, AGENT, ...wordsOf(line)], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env, CRASH_LOG: log, CRASH_ROOT: root, CRASH_AT: String(at) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const names = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return { code, signal, output, names };
}

/** Some boundaries, so that each sort is among them before one is there twice. */
function choose(kills: readonly Kill[], few: number): Kill[] {
  const sorts = new Map<string, Kill[]>();
  for (const kill of kills) {
    const sort = kill.name.replace(/\S*\/\S*|\d+/g, '');
    sorts.set(sort, [...(sorts.get(sort) ?? []), kill]);
  }
  const chosen: Kill[] = [];
  const groups = [...sorts.values()].sort((a, b) => a.length - b.length);
  for (let round = 0; chosen.length < Math.min(few, kills.length); round++) {
    for (const group of groups) {
      // From the middle outwards: a command's middle is where the store and the disk disagree.
      const place = Math.floor(group.length / 2) + (round % 2 === 0 ? round / 2 : -(round + 1) / 2);
      if (group[place] && chosen.length < few) chosen.push(group[place]);
    }
  }
  return chosen.sort((a, b) => a.number - b.number);
}

function copyOf(from: string, to: string): string {
  cpSync(from, to, { recursive: true });
  return to;
}
