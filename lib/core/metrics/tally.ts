import type { Telemetry } from '../ports.js';
import {
  INSTRUMENTS,
  type InstrumentName,
  joinSeries,
  type MetricLabels,
  type MetricSeries,
  measured,
  seriesKey,
} from './instruments.js';

/** What was measured since it was last taken: a process keeps it here until the store does. */
export class Tally {
  #series = new Map<string, MetricSeries>();

  /** Counts a measurement; how much there is now is no count. */
  add(instrument: InstrumentName, value: number, labels?: MetricLabels): void {
    if (INSTRUMENTS[instrument].form === 'gauge') return;
    const one = measured(instrument, value, labels);
    const key = seriesKey(one);
    this.#series.set(key, joinSeries(this.#series.get(key), one));
  }

  /** Hands out what there is and begins anew. */
  take(): MetricSeries[] {
    const taken = [...this.#series.values()];
    this.#series = new Map();
    return taken;
  }

  /** Tells `telemetry` everything, and counts what is measured besides. */
  watch(telemetry: Telemetry): Telemetry {
    return {
      span: (kind, name, facts, work) => telemetry.span(kind, name, facts, work),
      add: (facts) => telemetry.add(facts),
      log: (level, event, facts) => telemetry.log(level, event, facts),
      measure: (instrument, value, labels) => {
        this.add(instrument, value, labels);
        telemetry.measure(instrument, value, labels);
      },
      traceparent: () => telemetry.traceparent(),
      close: () => telemetry.close(),
    };
  }
}
