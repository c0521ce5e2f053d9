import { INSTRUMENTS, type InstrumentName, joinSeries, labelsText } from '../core/metrics/instruments.js';
import type { MetricSeries, MetricStore } from '../core/ports.js';
import type { Connection } from './connection.js';

interface MetricRow {
  readonly instrument: string;
  readonly labels: string;
  readonly count: number;
  readonly sum: number;
  readonly buckets: string;
}

/** What was measured by all commands so far, in the table `metrics`. */
export class SqliteMetrics implements MetricStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  add(series: readonly MetricSeries[]): void {
    if (series.length === 0) return;
    this.#db.transact(() => {
      for (const one of series) this.#keep(one);
    });
  }

  list(): MetricSeries[] {
    return this.#db.all<MetricRow>('select * from metrics order by instrument, labels').flatMap(fromRow);
  }

  #keep(one: MetricSeries): void {
    const { instrument } = one;
    const labels = labelsText(one.labels);
    const row = this.#db.get<MetricRow>(
      'select * from metrics where instrument = ? and labels = ?',
      instrument,
      labels,
    );
    const { count, sum, buckets } = joinSeries(row && fromRow(row)[0], one);
    this.#db.run(
      'insert or replace into metrics (instrument, labels, count, sum, buckets) values (?, ?, ?, ?, ?)',
      instrument,
      labels,
      count,
      sum,
      JSON.stringify(buckets),
    );
  }
}

/** Nothing for an instrument of another version of agent-sync. */
function fromRow({ instrument, labels, count, sum, buckets }: MetricRow): MetricSeries[] {
  if (!Object.hasOwn(INSTRUMENTS, instrument)) return [];
  const parsed = { labels: JSON.parse(labels), buckets: JSON.parse(buckets) };
  return [{ instrument: instrument as InstrumentName, count, sum, ...parsed }];
}
