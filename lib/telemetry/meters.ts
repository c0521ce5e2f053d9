import type { Counter, Gauge, Histogram } from '@opentelemetry/api';
import { getNumberFromEnv } from '@opentelemetry/core';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { boundsOf, INSTRUMENTS } from '../core/metrics/instruments.js';
import type { InstrumentName, MetricLabels } from '../core/ports.js';
import type { OtlpProtocol } from './asked.js';
import type { OtlpConnections } from './otlp.js';
import { programResource } from './resource.js';

/** Where measurements go. */
export interface MeterOptions {
  readonly protocol: OtlpProtocol;
  readonly connections: OtlpConnections;
  readonly version: string;
}

/** Measurements that are sent, all that is left of them with `close`. */
export interface Meters {
  measure(instrument: InstrumentName, value: number, labels: MetricLabels): void;
  close(): Promise<void>;
}

const INTERVAL_MS = 60_000;

/**
 * Sends what is measured by OTLP, now and then and at the end.
 *
 * @throws {Error} without the optional packages
 */
export async function openMeters({ protocol, connections, version }: MeterOptions): Promise<Meters> {
  const options = connections.options('METRICS');
  const exporter =
    protocol === 'http/json'
      ? new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter(options)
      : new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter(options);
  const exportIntervalMillis = getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL') ?? INTERVAL_MS;
  const exportTimeoutMillis = Math.min(options.timeoutMillis, exportIntervalMillis);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
  const provider = new MeterProvider({ resource: programResource(version), readers: [reader] });
  const meter = provider.getMeter('agent-sync', version);
  const made = new Map<InstrumentName, (value: number, labels: MetricLabels) => void>();

  function make(name: InstrumentName): (value: number, labels: MetricLabels) => void {
    const { form, unit, description } = INSTRUMENTS[name];
    const otelName = `agent_sync.${name.replace('_', '.')}`;
    if (form === 'counter') {
      const counter: Counter = meter.createCounter(otelName, { unit, description });
      return (value, labels) => counter.add(value, labels);
    }
    if (form === 'gauge') {
      const gauge: Gauge = meter.createGauge(otelName, { unit, description });
      return (value, labels) => gauge.record(value, labels);
    }
    const advice = { explicitBucketBoundaries: [...boundsOf(name)] };
    const histogram: Histogram = meter.createHistogram(otelName, { unit, description, advice });
    return (value, labels) => histogram.record(value, labels);
  }

  return {
    measure: (instrument, value, labels) => {
      const record = made.get(instrument) ?? make(instrument);
      made.set(instrument, record);
      record(value, labels);
    },
    close: () => provider.shutdown(),
  };
}
