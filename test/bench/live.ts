/**
 * `node dist/test/bench/live.js [WATCHERS] [PUSHES]`: how long after the answer to a push each of several processes that run
 * `agent sync watch` has printed it. Each has a store of its own, and all share one embedded origin.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { importArtifacts, pull, push } from '../../lib/index.js';
import { startEmbeddedOrigin } from '../../lib/origin/embedded/start.js';
import { Developer, storyText } from '../e2e/developer.js';
import { Watcher } from '../e2e/watcher.js';
import { reachableFolder } from '../origin/with-origin.js';

const STORY = 'stories/LIVE/LIVE-001-story.md';
const [watchers = 10, pushes = 20] = process.argv.slice(2).map(Number);
const cleanup: (() => unknown)[] = [];
const t = { teardown: (step: () => unknown) => cleanup.unshift(step) } as unknown as Test;

try {
  const directory = mkdtempSync(join(reachableFolder(), 'agent-sync-live-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const origin = await startEmbeddedOrigin({ directory });
  t.teardown(() => origin.stop());
  const joined = async (name: string, project?: string) => {
    const { token } = await origin.addUser(name, project ? { project } : {});
    const who = new Developer(t, name, { SUPABASE_ANON_KEY: origin.key, SUPABASE_ACCESS_TOKEN: token });
    await who.init({ origin: origin.url, project: 'live' });
    return who;
  };

  const ada = await joined('ada');
  ada.write(STORY, storyText('LIVE-001', 'Story', ['0.']));
  await ada.run(importArtifacts);
  await ada.run(push);
  const processes: Watcher[] = [];
  for (let n = 0; n < watchers; n++) {
    const who = await joined(`watcher-${n}`, 'live');
    await who.run(pull);
    processes.push(new Watcher(t, who));
  }
  await Promise.all(processes.map((watcher) => watcher.live()));

  const [firsts, lasts, all]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < pushes; n++) {
    ada.edit(STORY, `${n}.`, `${n + 1}.`);
    await ada.run(importArtifacts);
    const answered = await ada.run(async (repo) => {
      await push(repo);
      return performance.now();
    });
    await Promise.all(processes.map((watcher) => watcher.next('change')));
    const times = processes.map(({ at }) => at - answered).sort((a, b) => a - b);
    firsts.push(times[0]!);
    lasts.push(times.at(-1)!);
    all.push(...times);
  }
  console.log(`${watchers} watchers, ${pushes} pushes; ms from the answer to a push to the line of a watcher:`);
  console.log(`  the first of them  ${describe(firsts)}`);
  console.log(`  any of them        ${describe(all)}`);
  console.log(`  the last of them   ${describe(lasts)}`);
} finally {
  for (const step of cleanup) await step();
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [least, median, greatest] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((ms) => Math.round(ms!));
  return `median ${median} (${least}-${greatest})`;
}
