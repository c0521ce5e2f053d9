import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Test } from 'tap';

/** A span as a collector gets it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** OpenTelemetry's numbers: 1 internal, 3 client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 for an error. */
  readonly status: number;
  readonly events: readonly string[];
}

/** A collector that speaks OTLP as JSON over HTTP, and what it has got so far. */
export interface Collector {
  readonly url: string;
  /** What makes a program send to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly spans: CollectedSpan[];
  readonly metrics: Map<string, unknown[]>;
  /** The resource of what came last. */
  resource: Readonly<Record<string, unknown>>;
  /** All that came, as it came. */
  raw: string;
}

/** As much of OTLP's JSON as is read here: https://github.com/open-telemetry/opentelemetry-proto */
interface Export {
  readonly resourceSpans?: readonly {
    readonly resource: Attributed;
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

interface Attributed {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface OtlpSpan extends Attributed, Pick<CollectedSpan, 'traceId' | 'spanId' | 'name' | 'kind'> {
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly events: readonly { readonly name: string }[];
}

type Points = { readonly dataPoints: unknown[] };

interface OtlpMetric {
  readonly name: string;
  readonly sum?: Points;
  readonly histogram?: Points;
  readonly gauge?: Points;
}

/** Starts a collector for one test. */
export async function startCollector(t: Test): Promise<Collector> {
  const server = createServer(async (incoming, outgoing) => {
    const body = (await json(incoming)) as Export;
    collector.raw += JSON.stringify(body);
    for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
      collector.resource = attributesOf(resource);
      collector.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map(spanOf)));
    }
    for (const { scopeMetrics } of body.resourceMetrics ?? []) {
      for (const { name, sum, histogram, gauge } of scopeMetrics.flatMap(({ metrics }) => metrics))
        collector.metrics.set(name, (sum ?? histogram ?? gauge)!.dataPoints);
    }
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // It is alive, and the machine may be busy.
    AGENT_TELEMETRY_WAIT_MS: '60000',
  };
  const collector: Collector = { url, env, spans: [], metrics: new Map(), resource: {}, raw: '' };
  return collector;
}

function spanOf(span: OtlpSpan): CollectedSpan {
  const { traceId, spanId, parentSpanId = '', name, kind, status, events } = span;
  const told = { attributes: attributesOf(span), status: status.code ?? 0, events: events.map((event) => event.name) };
  return { traceId, spanId, parentSpanId, name, kind, ...told };
}

function attributesOf({ attributes }: Attributed): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
