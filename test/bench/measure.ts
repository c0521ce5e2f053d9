/** How long something took in several runs, in milliseconds. */
export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** One timed run: prepares what it needs, and answers only the milliseconds of what is measured. */
export type TimedRun = (run: number) => Promise<number>;

/** Times several sides in turn, each beginning a round as often as the others, so that drift of the machine hits all alike. */
export async function alternate<Side extends string>(
  runs: number,
  sides: Readonly<Record<Side, TimedRun>>,
): Promise<Record<Side, Times>> {
  const names = Object.keys(sides) as Side[];
  const taken = new Map<Side, number[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + run) % names.length]!;
      taken.get(name)!.push(await sides[name](run));
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarise(taken.get(name)!)])) as Record<Side, Times>;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function summarise(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}
