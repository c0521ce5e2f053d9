import t from 'tap';
import { SCENARIOS } from './file-origin.js';
import { killAtEachBoundary } from './scenario.js';

/** Kill points of each command in the short run. */
const FEW = 2;

t.test('a command killed anywhere loses nothing, and run again comes to the same', async (t) => {
  let points = 0;
  for (const scenario of SCENARIOS) {
    await t.test(scenario.name, async (t) => {
      points += await killAtEachBoundary(t, scenario, FEW);
    });
  }
  t.comment(`${points} kill points of ${SCENARIOS.length} commands`);
  t.ok(points >= 60, 'at least 60 kill points');
});
