/** What is told about work as it goes: spans, events, measurements. */
import type { InstrumentName, MetricLabels, MetricSeries } from '../metrics/instruments.js';

export type { InstrumentName, MetricLabels, MetricSeries };

/** How bad, or how detailed, what is told is; pino's names. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** A command line; an operation of the sync, which ends with a result; a request to the origin; a step on this machine. */
export type SpanKind = 'command' | 'operation' | 'call' | 'step';

/**
 * All that may be told, and nothing else: who implements {@link Telemetry} drops what does not have the form that is said here.
 * No title, no name, no text of an artifact, no key.
 */
export interface Facts {
  /** Such as `push`. */
  readonly operation?: string;
  /** A word or two: `pushed`, `up-to-date`, `conflicted`. */
  readonly result?: string;
  /** A code of `SyncError`, or `INTERNAL`. */
  readonly code?: string;
  /** The exit code of a command. */
  readonly exit?: number;
  readonly commits?: number;
  readonly objects?: number;
  readonly conflicts?: number;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  /** The method and the status of an HTTP exchange. */
  readonly method?: string;
  readonly status?: number;
  /** Told without user, password, query and fragment. */
  readonly url?: string;
  readonly ref?: string;
  /** Object ids. */
  readonly from?: string;
  readonly to?: string;
  /** The random ids of an actor and of a store. */
  readonly actor?: string;
  readonly store?: string;
}

/** Where what is told goes. Nothing of it ever throws or makes the work fail. */
export interface Telemetry {
  /**
   * Runs `work`, which may be asynchronous, in a span: what is told meanwhile belongs to it. What it throws is told by its code
   * alone, and thrown on.
   */
  span<T>(kind: SpanKind, name: string, facts: Facts, work: () => T): T;
  /** Adds to the span that is under way. */
  add(facts: Facts): void;
  /** Tells of something that happened. */
  log(level: LogLevel, event: string, facts?: Facts): void;
  measure(instrument: InstrumentName, value: number, labels?: MetricLabels): void;
  /**
   * The span that is under way, as a request is to name it; undefined without a trace.
   *
   * @see https://www.w3.org/TR/trace-context/
   */
  traceparent(): string | undefined;
  /** Sends what has not been sent, for a moment at most, and leaves nothing behind for which a process would wait. */
  close(): Promise<void>;
}

/** What a store remembers of measurements. */
export interface MetricStore {
  /** Adds to what is there. */
  add(series: readonly MetricSeries[]): void;
  list(): MetricSeries[];
}
