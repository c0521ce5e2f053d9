import { boundsOf, INSTRUMENTS } from '../core/metrics/instruments.js';
import type { InstrumentName, MetricLabels, MetricSeries } from '../core/ports.js';

/** What Prometheus wants in a name: the base unit, and that a counter ends in `_total`. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * Writes series in the text format of Prometheus, version 0.0.4, as `node_exporter` takes it from a file and a push gateway by HTTP.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @see https://prometheus.io/docs/practices/naming/
 */
export function formatPrometheus(series: readonly MetricSeries[]): string {
  const names = Object.keys(INSTRUMENTS) as InstrumentName[];
  return names
    .map((name) =>
      formatFamily(
        name,
        series.filter(({ instrument }) => instrument === name),
      ),
    )
    .join('');
}

function formatFamily(instrument: InstrumentName, series: readonly MetricSeries[]): string {
  const { form, unit, description, labels } = INSTRUMENTS[instrument];
  const name = `agent_sync_${instrument}${UNITS[unit] ?? ''}${form === 'counter' ? '_total' : ''}`;
  const isNever = series.length === 0;
  // What has labels is not known before it happens.
  if (isNever && labels.length > 0) return '';
  const samples = isNever ? [`${name} 0`] : series.flatMap((one) => formatSeries(name, one));
  return [`# HELP ${name} ${escaped(description)}`, `# TYPE ${name} ${form}`, ...samples, ''].join('\n');
}

function formatSeries(name: string, { instrument, labels, count, sum, buckets }: MetricSeries): string[] {
  if (buckets.length === 0) return [`${name}${formatLabels(labels)} ${sum}`];
  const bounds = [...boundsOf(instrument).map(String), '+Inf'];
  let below = 0;
  return [
    ...bounds.map((le, bucket) => {
      below += buckets[bucket]!;
      return `${name}_bucket${formatLabels({ ...labels, le })} ${below}`;
    }),
    `${name}_sum${formatLabels(labels)} ${sum}`,
    `${name}_count${formatLabels(labels)} ${count}`,
  ];
}

function formatLabels(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
