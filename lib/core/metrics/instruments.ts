/** What is measured. Names, units and labels are part of the public interface, and docs/observability.md lists them. */

/** Of an instrument: a sum that only grows, how many values were not greater than each bound, or how much there is now. */
interface InstrumentForm {
  readonly form: 'counter' | 'histogram' | 'gauge';
  /** UCUM: `s`, `By`, or what is counted in braces. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Of a histogram, ascending. */
  readonly bounds?: readonly number[];
}

/** Seconds. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Every instrument by its name, as Prometheus has it without the unit. */
export const INSTRUMENTS = {
  operation_duration: {
    form: 'histogram',
    unit: 's',
    description: 'How long operations took, by operation and result',
    labels: ['operation', 'result'],
    bounds: DURATIONS,
  },
  merges: {
    form: 'counter',
    unit: '{merge}',
    description: 'Merges by what came of them: merged or conflicted',
    labels: ['result'],
  },
  conflicts: { form: 'counter', unit: '{conflict}', description: 'Conflicts that merges stopped for', labels: [] },
  requests: {
    form: 'counter',
    unit: '{request}',
    description: 'Requests to the origin by what came of them: ok, or the code of an error',
    labels: ['result'],
  },
  sent: { form: 'counter', unit: 'By', description: 'Bytes of requests to the origin, without headers', labels: [] },
  received: {
    form: 'counter',
    unit: 'By',
    description: 'Bytes of answers from the origin, without headers',
    labels: [],
  },
  retries: {
    form: 'counter',
    unit: '{retry}',
    description: 'Pushes after a lost race, and attempts of the queue after the first',
    labels: ['operation'],
  },
  artifacts: { form: 'gauge', unit: '{artifact}', description: 'Artifacts by kind', labels: ['kind'] },
  objects: { form: 'gauge', unit: '{object}', description: 'Objects in the store', labels: [] },
  store_size: { form: 'gauge', unit: 'By', description: 'Bytes of the store on disk', labels: [] },
  queue_depth: {
    form: 'gauge',
    unit: '{intent}',
    description: 'What waits for the origin, by status: waiting, blocked or refused',
    labels: ['status'],
  },
} as const satisfies Readonly<Record<string, InstrumentForm>>;

/** The name of an instrument; one of the keys of {@link INSTRUMENTS}. */
export type InstrumentName = keyof typeof INSTRUMENTS;

/** Words that tell the series of an instrument apart. */
export type MetricLabels = Readonly<Record<string, string>>;

/** What an instrument measured under the same labels. */
export interface MetricSeries {
  readonly instrument: InstrumentName;
  readonly labels: MetricLabels;
  /** How many measurements. */
  readonly count: number;
  readonly sum: number;
  /** Of a histogram, how many were in each bucket: one a bound, and one for what is greater. Otherwise empty. */
  readonly buckets: readonly number[];
}

/** The upper bounds of an instrument's buckets, without the last one, which has none. */
export function boundsOf(instrument: InstrumentName): readonly number[] {
  const form: InstrumentForm = INSTRUMENTS[instrument];
  return form.bounds ?? [];
}

/** The same for the same series. */
export function seriesKey({ instrument, labels }: Pick<MetricSeries, 'instrument' | 'labels'>): string {
  return `${instrument} ${labelsText(labels)}`;
}

/** Labels as JSON, the same whatever their order. */
export function labelsText(labels: MetricLabels): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** One measurement as a series. */
export function measured(instrument: InstrumentName, value: number, labels: MetricLabels = {}): MetricSeries {
  const bounds = boundsOf(instrument);
  const at = bounds.findIndex((bound) => value <= bound);
  const buckets = bounds.length === 0 ? [] : Array<number>(bounds.length + 1).fill(0);
  if (buckets.length > 0) buckets[at < 0 ? bounds.length : at] = 1;
  return { instrument, labels, count: 1, sum: value, buckets };
}

/** Both together; an `earlier` one with other buckets, of a version that had other bounds, is forgotten. */
export function joinSeries(earlier: MetricSeries | undefined, later: MetricSeries): MetricSeries {
  if (earlier?.buckets.length !== later.buckets.length) return later;
  return {
    ...later,
    count: earlier.count + later.count,
    sum: earlier.sum + later.sum,
    buckets: later.buckets.map((n, bucket) => n + earlier.buckets[bucket]!),
  };
}

/**
 * The value that a share of all measurements does not pass, as far as the buckets tell: the rank is taken to lie evenly within
 * its bucket.
 *
 * @param share from 0 to 1, such as 0.95
 * @returns undefined without measurements; the greatest bound for what lies beyond it
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantile({ instrument, count, buckets }: MetricSeries, share: number): number | undefined {
  if (count === 0) return undefined;
  const bounds = boundsOf(instrument);
  const rank = share * count;
  let below = 0;
  for (const [bucket, n] of buckets.entries()) {
    const upper = bounds[bucket];
    if (upper === undefined) break;
    if (n > 0 && below + n >= rank) {
      const lower = bounds[bucket - 1] ?? 0;
      return lower + (upper - lower) * ((rank - below) / n);
    }
    below += n;
  }
  return bounds.at(-1);
}
