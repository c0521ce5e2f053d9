import { joinSeries, measured, quantile } from '../core/metrics/instruments.js';
import type { InstrumentName, MetricSeries } from '../core/ports.js';
import { countQueue } from './queue/queue.js';
import type { Repository } from './repository.js';

/** How long an operation took, however it ended. Times in seconds. */
export interface OperationStats {
  readonly operation: string;
  readonly count: number;
  /** How many of them ended with an error. */
  readonly failed: number;
  readonly mean: number;
  /** What nineteen of twenty did not exceed, as near as buckets tell. */
  readonly p95: number;
}

/** What the commands of this store measured so far, and how much there is in it now. */
export interface Stats {
  /** Sorted by name. */
  readonly operations: readonly OperationStats[];
  readonly merges: {
    readonly merged: number;
    readonly conflicted: number;
    /** Conflicts in all of them. */
    readonly conflicts: number;
    /** The share that stopped for conflicts; null without a merge. */
    readonly conflictRate: number | null;
  };
  readonly origin: {
    /** By `ok` or the code of an error. */
    readonly requests: Readonly<Record<string, number>>;
    readonly sentBytes: number;
    readonly receivedBytes: number;
    /** By what was tried again. */
    readonly retries: Readonly<Record<string, number>>;
  };
  /** By kind. */
  readonly artifacts: Readonly<Record<string, number>>;
  readonly objects: number;
  readonly storeBytes: number;
  /** By status. */
  readonly queue: Readonly<Record<string, number>>;
}

/**
 * All series of a store: what its commands measured, and how much there is now. The latter is told to whoever listens, too: only
 * who asks for it pays for counting.
 */
export function measurements(repo: Repository): MetricSeries[] {
  const { store, telemetry } = repo;
  const now = store.snapshot(() => [...countArtifacts(repo), ...countRest(repo)]);
  for (const { instrument, sum, labels } of now) telemetry.measure(instrument, sum, labels);
  return [...store.metrics.list(), ...now];
}

function countArtifacts({ store }: Repository): MetricSeries[] {
  const counts = { plan: 0, story: 0, runbook: 0 };
  for (const { kind } of store.index.list()) counts[kind] += 1;
  return Object.entries(counts).map(([kind, n]) => measured('artifacts', n, { kind }));
}

function countRest({ store }: Repository): MetricSeries[] {
  return [
    measured('objects', store.objects.count()),
    measured('store_size', store.garbage.space().file),
    ...Object.entries(countQueue(store)).map(([status, n]) => measured('queue_depth', n, { status })),
  ];
}

/** Sums measurements up for people. */
export function summarize(series: readonly MetricSeries[]): Stats {
  const of = (instrument: InstrumentName) => series.filter((one) => one.instrument === instrument);
  const by = (instrument: InstrumentName, label: string) =>
    Object.fromEntries(of(instrument).map(({ labels, sum }) => [labels[label] ?? '', sum]));
  const sum = (instrument: InstrumentName) => of(instrument).reduce((total, one) => total + one.sum, 0);
  const { merged = 0, conflicted = 0 } = by('merges', 'result');
  return {
    operations: summarizeOperations(of('operation_duration')),
    merges: {
      merged,
      conflicted,
      conflicts: sum('conflicts'),
      conflictRate: merged + conflicted === 0 ? null : conflicted / (merged + conflicted),
    },
    origin: {
      requests: by('requests', 'result'),
      sentBytes: sum('sent'),
      receivedBytes: sum('received'),
      retries: by('retries', 'operation'),
    },
    artifacts: by('artifacts', 'kind'),
    objects: sum('objects'),
    storeBytes: sum('store_size'),
    queue: by('queue_depth', 'status'),
  };
}

function summarizeOperations(durations: readonly MetricSeries[]): OperationStats[] {
  const names = [...new Set(durations.map(({ labels }) => labels.operation ?? ''))].sort();
  return names.map((operation) => {
    const all = durations.filter(({ labels }) => labels.operation === operation);
    const total = all.reduce((earlier, later) => joinSeries(earlier, later));
    const failed = all.filter(({ labels }) => labels.result === 'failed').reduce((n, { count }) => n + count, 0);
    const { count, sum } = total;
    return { operation, count, failed, mean: sum / count, p95: quantile(total, 0.95)! };
  });
}
