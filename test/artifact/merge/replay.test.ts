import { join } from 'node:path';
import t from 'tap';
import { repoRoot, sharedPath } from '../../paths.js';
import { formatTallies, readArtifacts, replay, SCENARIOS } from './replay.js';

/**
 * All merges take minutes: `AGENT_TEST_FULL=1 node dist/test/artifact/merge/replay.test.js` makes them and prints the table
 * of docs/merge.md.
 */
const FULL = process.env.AGENT_TEST_FULL === '1';
if (FULL) t.setTimeout(0);

/** How many of the merges that conflict without the driver may do so with it, in percent. */
const MOST_LEFT: Readonly<Record<string, number>> = {
  'tick two boxes that follow each other': 2,
  'tick one box each, anywhere': 2,
  'add an item to a checklist each': 5,
  'reword an item each': 75,
  'tick a box; reword an item': 75,
  'add a link each': 10,
  'add a section each, anywhere': 5,
  'add a section each, at the end': 5,
  'take the state one step on; tick a box': 0,
  'take the state one step on each': 100,
  'do one thing each': 75,
  'do three things each': 75,
  'do ten things each': 100,
};

for (const [name, folder, stride] of [
  ['our own artifacts', join(repoRoot, 'fixtures/artifacts'), 1],
  ['the 340 real artifacts', sharedPath('corpus', 'agentic-dev'), FULL ? 1 : 16],
] as const) {
  t.test(`two people at work on ${name}`, { skip: folder ? false : 'shared/corpus is not here' }, async (t) => {
    const artifacts = readArtifacts(folder!);
    const tallies = Object.keys(SCENARIOS).map((scenario) => replay(scenario, artifacts, FULL ? 10 : 2, stride));
    for (const { scenario, merges, withoutDriver, withDriver, losses, wrong } of tallies) {
      t.ok(merges > 0, `there is something to ${scenario}`);
      t.strictSame([losses, wrong], [[], []], `${scenario}: nothing is lost, doubled or swapped`);
      const most = Math.ceil((withoutDriver * MOST_LEFT[scenario]!) / 100);
      t.ok(
        withDriver <= most,
        `${scenario}: of ${withoutDriver} conflicts at most ${most} are left, ${withDriver} are`,
      );
    }
    if (FULL) t.comment(`\n${formatTallies(tallies)}`);
  });
}
