import t, { type Test } from 'tap';

/**
 * Runs a differential fuzz: one round in the test command, more of them with the next seeds for as long as
 * `AGENT_FUZZ_SECONDS` says. A failing round ends it; its name has the seed, and `AGENT_FUZZ_SEED` runs it again.
 *
 * A long run is started without the test runner, which would stop it:
 * `AGENT_FUZZ_SECONDS=3600 node dist/test/core/diff/diff-fuzz.test.js`
 *
 * @param what the test's name
 * @param seed of the first round, unless `AGENT_FUZZ_SEED` is set
 * @param round makes its cases from the seed alone
 */
export function fuzz(what: string, seed: number, round: (t: Test, seed: number) => Promise<void>): Promise<unknown> {
  const first = Number(process.env.AGENT_FUZZ_SEED ?? seed);
  const end = Date.now() + 1000 * Number(process.env.AGENT_FUZZ_SECONDS ?? 0);
  if (end > Date.now()) t.setTimeout(0);
  return t.test(what, async (t) => {
    if (end > Date.now()) t.setTimeout(0);
    for (let seed = first; seed === first || (Date.now() < end && t.passing()); seed++) {
      await t.test(`AGENT_FUZZ_SEED=${seed}`, (t) => round(t, seed));
    }
  });
}

/** Numbers from 0 up to, not including, a limit; the same for the same seed. */
export function random(seed: number): (limit: number) => number {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
