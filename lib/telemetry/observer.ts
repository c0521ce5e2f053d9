import { AsyncLocalStorage } from 'node:async_hooks';
import { SyncError } from '../core/errors.js';
import type { Facts, InstrumentName, LogLevel, MetricLabels, SpanKind, Telemetry } from '../core/ports.js';
import { allowed } from './redact.js';

/** Where spans begin. */
export interface Traces {
  start(kind: SpanKind, name: string, facts: Facts): TracedSpan;
}

/** A span of a trace that is being recorded; others begin within it. */
export interface TracedSpan extends Traces {
  readonly traceId: string;
  readonly spanId: string;
  add(facts: Facts): void;
  event(name: string, facts: Facts): void;
  /** @param code what it failed with */
  end(code: string | undefined): void;
  readonly traceparent: string;
}

/** A log: facts on a line. */
export type WriteLog = (level: LogLevel, message: string, facts: LogFacts) => void;

/** What a line says besides time, level and message. */
export interface LogFacts extends Facts {
  readonly trace_id?: string;
  readonly span_id?: string;
  /** Seconds. */
  readonly duration?: number;
}

/** Who takes what is told. */
export interface Listeners {
  readonly log: WriteLog | undefined;
  readonly traces: Traces | undefined;
  readonly measure: ((instrument: InstrumentName, value: number, labels: MetricLabels) => void) | undefined;
  /** Sends what is left, and lets go of everything. */
  close(): Promise<void>;
}

/** A span that is under way. */
interface Frame {
  facts: Facts;
  readonly span: TracedSpan | undefined;
}

/** At which levels a span's start and end are logged; a step has no start. */
const LEVELS: Readonly<Record<SpanKind, { readonly start?: LogLevel; readonly end: LogLevel }>> = {
  command: { start: 'debug', end: 'debug' },
  operation: { start: 'info', end: 'info' },
  call: { end: 'debug' },
  step: { end: 'trace' },
};

/** Results that a person will want to know of. */
const SETBACKS = new Set(['rejected', 'conflicted', 'blocked', 'refused']);

/** Tells listeners what happens, in spans that follow the work through whatever it awaits. */
export function observer({ log, traces, measure, close }: Listeners): Telemetry {
  const current = new AsyncLocalStorage<Frame>();

  function write(level: LogLevel, message: string, frame: Frame | undefined, facts: LogFacts): void {
    const { traceId, spanId } = frame?.span ?? {};
    const where = traceId && spanId ? { trace_id: traceId, span_id: spanId } : {};
    const operation = frame?.facts.operation;
    log?.(level, message, { ...where, ...(operation ? { operation } : {}), ...facts });
  }

  function span<T>(kind: SpanKind, name: string, facts: Facts, work: () => T): T {
    const parent = current.getStore();
    const operation = parent?.facts.operation;
    const told = { ...(operation ? { operation } : {}), ...allowed(facts) };
    const frame: Frame = { facts: told, span: (parent?.span ?? traces)?.start(kind, name, told) };
    const { start, end } = LEVELS[kind];
    if (start) write(start, `${name} started`, frame, told);
    const begun = performance.now();
    return settle(
      () => current.run(frame, work),
      (error) => {
        const code = error === undefined ? failedExit(frame.facts) : codeOf(error);
        const level = code
          ? kind === 'step'
            ? 'debug'
            : 'error'
          : SETBACKS.has(frame.facts.result ?? '')
            ? 'warn'
            : end;
        const duration = (performance.now() - begun) / 1000;
        write(level, `${name} ended`, frame, { ...frame.facts, ...(code ? { code } : {}), duration });
        frame.span?.end(code);
      },
    );
  }

  return {
    span,
    add: (facts) => {
      const frame = current.getStore();
      if (!frame) return;
      const told = allowed(facts);
      frame.facts = { ...frame.facts, ...told };
      frame.span?.add(told);
    },
    log: (level, event, facts = {}) => {
      const told = allowed(facts);
      const frame = current.getStore();
      write(level, event, frame, told);
      frame?.span?.event(event, told);
    },
    measure: (instrument, value, labels = {}) => measure?.(instrument, value, labels),
    traceparent: () => current.getStore()?.span?.traceparent,
    close,
  };
}

/** Runs work that may answer with a promise, and tells when it is over, and what it threw. */
function settle<T>(work: () => T, over: (error: unknown) => void): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    over(error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    over(undefined);
    return result;
  }
  return result.then(
    (value) => {
      over(undefined);
      return value;
    },
    (error) => {
      over(error);
      throw error;
    },
  ) as T;
}

function codeOf(error: unknown): string {
  if (error instanceof SyncError) return error.code;
  return error instanceof Error && error.name === 'AbortError' ? 'ABORTED' : 'INTERNAL';
}

/** A command answers with its exit code what others throw. */
function failedExit({ exit, code }: Facts): string | undefined {
  return exit !== undefined && exit >= 128 ? (code ?? 'INTERNAL') : undefined;
}
