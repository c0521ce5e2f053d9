/** Many who work at once, each with a store of their own, and some of whom are killed at it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { importArtifacts, pull, push } from '../../lib/index.js';
import { random } from '../fuzz.js';
import { repoRoot } from '../paths.js';
import { type Dice, type Done, type Member, operate, settle } from './crowd-operation.js';
import type { Assignment, Said } from './crowd-worker.js';
import type { Developer } from './developer.js';

/** How much a crowd is to do. */
export interface CrowdSize {
  readonly operations: number;
  readonly kills: number;
  readonly seed: number;
}

/** What one of them did. */
export interface Step extends Done {
  readonly who: string;
}

/** As many work at once as a small machine can serve. */
const AT_ONCE = 4;
/** Milliseconds after which a worker is dead: a few operations. */
const LONGEST_LIFE = 250;
const WORKER = join(repoRoot, 'dist/test/e2e/crowd-worker.js');

/**
 * Has the members work until all is done; each round some of them at once.
 *
 * @param steps filled as it goes, so that it is there when something fails
 */
export async function work(members: readonly Member[], size: CrowdSize, steps: Step[]): Promise<void> {
  const dice = random(size.seed);
  let kills = 0;
  let next = startWorker();
  try {
    for (let operations = 0; operations < size.operations || kills < size.kills; ) {
      const busy = draw(dice, members, 1 + dice(AT_ONCE));
      // Spread over all of the work.
      const isKill = kills < size.kills && kills * size.operations <= operations * size.kills;
      const victim = isKill ? busy.pop() : undefined;
      const round = busy.map(async (member) => {
        const word = `${member.name}-${operations++}`;
        steps.push({ who: member.name, ...(await operate(member, random(dice(2 ** 30)), word)) });
      });
      if (victim) {
        const worker = next;
        next = startWorker();
        const done = killAtWork(await worker, { member: victim, seed: size.seed * 1000 + kills++ }, dice(LONGEST_LIFE));
        round.push(
          done.then((all) => {
            operations += all.length + 1;
            steps.push(...all.map((one) => ({ who: victim.name, ...one })), { who: victim.name, what: 'killed' });
          }),
        );
      }
      await Promise.all(round);
    }
  } finally {
    (await next).process.kill('SIGKILL');
  }
}

function draw(dice: Dice, members: readonly Member[], count: number): Member[] {
  const left = [...members];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(dice(left.length), 1)[0]!);
}

interface Worker {
  readonly process: ChildProcess;
  readonly lines: Interface;
}

/** Waits for nothing but the start of the process, which takes longer than most operations. */
async function startWorker(): Promise<Worker> {
  const process_ = spawn(process.execPath, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: process_.stdout! });
  await once(lines, 'line');
  return { process: process_, lines };
}

/** @returns what the worker did before it was killed */
async function killAtWork({ process, lines }: Worker, assignment: Assignment, milliseconds: number): Promise<Done[]> {
  const done: Done[] = [];
  let failed: string | undefined;
  lines.on('line', (line) => {
    const said = JSON.parse(line) as Said;
    if ('done' in said) done.push(said.done);
    if ('failed' in said) failed = said.failed;
  });
  const closed = once(lines, 'close');
  process.stdin!.write(`${JSON.stringify(assignment)}\n`);
  await delay(milliseconds);
  process.kill('SIGKILL');
  await closed;
  if (failed !== undefined) throw new Error(failed);
  return done;
}

/** Has all of them take in what is on their disk, and push and pull until nothing moves any more. */
export async function becomeQuiet(members: readonly Developer[], dice: Dice, steps: Step[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const member of members) {
      await member.run(async (repo) => {
        const note = (done: Done) => steps.push({ who: member.name, ...done });
        for (;;) {
          while (repo.store.merge.get()) note(await settle(repo, dice));
          note({ what: `import: ${(await importArtifacts(repo)).status}` });
          if (repo.store.merge.get()) continue;
          note({ what: `pull: ${(await pull(repo)).merged?.status}` });
          if (repo.store.merge.get()) continue;
          const { status } = await push(repo);
          note({ what: `push: ${status}` });
          if (status === 'pushed' || status === 'up-to-date') return;
        }
      });
    }
  }
}
