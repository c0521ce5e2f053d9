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
  /** Something is wrong before the command has mended it. */
  readonly damaged?: boolean;
  /** Done twice it is two: it is not run again where only its message was missing. */
  readonly once?: boolean;
}

/** An origin that is no file beside the projects. */
export interface World {
  /** What each person knows of it. */
  readonly env: Readonly<Record<string, Record<string, string>>>;
  /** Makes a place of its own at the origin for a copy of the stage. */
  enter(stage: Stage): Promise<void>;
  /** What that place holds, a list of rows a table. */
  look(stage: Stage): Promise<Readonly<Record<string, readonly string[]>>>;
}

/** A file in the folder is the origin, or there is none. */
const NO_WORLD: World = { env: {}, enter: async () => {}, look: async () => ({}) };

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
export async function killAtEachBoundary(
  t: Test,
  scenario: Scenario,
  few: number,
  world: World = NO_WORLD,
): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'agent-sync-crash-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const fixture = join(home, 'fixture');
  await scenario.prepare(new Stage(fixture, world.env));
  const trial: Trial = { scenario, world, fixture };
  const { kills, snapshot } = await runUndisturbed(t, trial, join(home, 'whole'));
  const chosen = FULL ? kills : choose(kills, few);
  const each = async (kill: Kill) => {
    const folder = join(home, `kill-${kill.number}`);
    const problems = await killAndRepeat(trial, folder, kill, snapshot);
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

interface Trial {
  readonly scenario: Scenario;
  readonly world: World;
  /** The folder that each run gets a copy of. */
  readonly fixture: string;
}

async function runUndisturbed(
  t: Test,
  { scenario, world, fixture }: Trial,
  folder: string,
): Promise<{ readonly kills: readonly Kill[]; readonly snapshot: Snapshot }> {
  const stage = await enterCopy(fixture, folder, world);
  const { code, output, names } = await runWatched(scenario, stage, 0);
  if (code !== (scenario.code ?? 0)) t.fail(`${scenario.name} ends with ${code}: ${output}`);
  return {
    kills: names.map((name, i) => ({ number: i + 1, name })),
    snapshot: takeSnapshot(folder, await world.look(stage)),
  };
}

/** What is wrong after a kill, and after the command was run again. */
async function killAndRepeat(
  { scenario, world, fixture }: Trial,
  folder: string,
  kill: Kill,
  wanted: Snapshot,
): Promise<string[]> {
  const stage = await enterCopy(fixture, folder, world);
  const { signal, names, output } = await runWatched(scenario, stage, kill.number);
  if (signal !== 'SIGKILL') return [`it was not killed, but passed ${names.length} boundaries: ${output}`];
  const { ada } = stage;
  const damage = await findDamage(ada);
  const problems = [...(scenario.damaged ? [] : damage), ...findLosses(fixture, folder, scenario)];
  for (const path of filesBelow(folder).filter(isLeftOver)) {
    const past = new Date(Date.now() - HOUR);
    utimesSync(join(folder, path), past, past);
  }
  const differences = async () => compareSnapshots(takeSnapshot(folder, await world.look(stage)), wanted);
  if (!(scenario.once && (await differences()).length === 0)) {
    const again = await ada.run(scenario.line, scenario.input);
    if (![scenario.code ?? 0, scenario.codeAgain].includes(again.code)) {
      problems.push(`run again, it ends with ${again.code}: ${again.output}`);
    }
    problems.push(...(await differences()));
  }
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

/**
 * Runs Ada's command and kills it at a boundary of that name.
 *
 * @param which counted among those of the name; the last one is -1
 */
export async function runKilled(stage: Stage, line: string, name: string | RegExp, which = 0): Promise<void> {
  const scenario = { name: line, line, prepare: () => {} };
  const trial = `${stage.folder}-trial`;
  cpSync(stage.folder, trial, { recursive: true });
  const { names } = await runWatched(scenario, new Stage(trial), 0);
  rmSync(trial, { recursive: true });
  const places = names.flatMap((found, i) =>
    (name instanceof RegExp ? name.test(found) : found === name) ? i + 1 : [],
  );
  const at = places.at(which);
  if (at === undefined) throw new Error(`'${line}' passes no '${name}': ${names.join(', ')}`);
  const { signal } = await runWatched(scenario, stage, at);
  if (signal !== 'SIGKILL') throw new Error(`'${line}' was not killed`);
}

interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** The boundaries passed. */
  readonly names: readonly string[];
}

/** Runs the command as a process of its own, to the end or to one of its boundaries. */
async function runWatched({ line, input = '' }: Scenario, { folder, ada }: Stage, at: number): Promise<Watched> {
  const { root, env } = ada;
  const log = `${folder}.log`;
  rmSync(log, { force: true });
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

async function enterCopy(fixture: string, folder: string, world: World): Promise<Stage> {
  cpSync(fixture, folder, { recursive: true });
  const stage = new Stage(folder, world.env);
  await world.enter(stage);
  return stage;
}
