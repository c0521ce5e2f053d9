import {
  type Context,
  defaultTextMapGetter,
  SpanKind as OtelKind,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Facts, SpanKind } from '../core/ports.js';
import type { OtlpProtocol } from './asked.js';
import type { Traces } from './observer.js';
import type { OtlpConnections } from './otlp.js';
import { programResource } from './resource.js';

/** Where traces begin and where they go. */
export interface TraceOptions {
  readonly protocol: OtlpProtocol;
  readonly connections: OtlpConnections;
  readonly version: string;
  /** What called us: `TRACEPARENT` and `TRACESTATE`. */
  readonly caller: Readonly<Record<string, string | undefined>>;
}

/** Spans that are sent, all that is left of them with `close`. */
export interface ExportedTraces extends Traces {
  close(): Promise<void>;
}

/**
 * Records spans and sends them by OTLP. Nothing is registered for the whole process, so that a program which uses this as a library
 * keeps what it has set up itself.
 *
 * @throws {Error} without the optional packages
 */
export async function openTraces({ protocol, connections, version, caller }: TraceOptions): Promise<ExportedTraces> {
  const options = connections.options('TRACES');
  const exporter: SpanExporter =
    protocol === 'http/json'
      ? new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter(options)
      : new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter(options);
  const spanProcessors = [new BatchSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ resource: programResource(version), spanProcessors });
  const tracer = provider.getTracer('agent-sync', version);
  const propagator = new W3CTraceContextPropagator();
  const root = propagator.extract(ROOT_CONTEXT, caller, defaultTextMapGetter);

  const startWithin =
    (context: Context): Traces['start'] =>
    (kind, name, facts) => {
      const span = tracer.startSpan(name, { kind: kindOf(kind), attributes: attributesOf(facts) }, context);
      const within = trace.setSpan(context, span);
      const { traceId, spanId } = span.spanContext();
      return {
        traceId,
        spanId,
        start: startWithin(within),
        traceparent: traceparentOf(span.spanContext()),
        add: (more) => void span.setAttributes(attributesOf(more)),
        event: (event, said) => void span.addEvent(event, attributesOf(said)),
        end: (code) => end(span, code),
      };
    };
  return { start: startWithin(root), close: () => provider.shutdown() };
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function end(span: Span, code: string | undefined): void {
  // The message of an error may quote a path or a title.
  if (code !== undefined)
    span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code });
  span.end();
}

function kindOf(kind: SpanKind): OtelKind {
  return kind === 'call' ? OtelKind.CLIENT : OtelKind.INTERNAL;
}

/**
 * OpenTelemetry's names where it has some.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
const NAMES: Readonly<Partial<Record<keyof Facts, string>>> = {
  code: 'error.type',
  exit: 'process.exit.code',
  method: 'http.request.method',
  status: 'http.response.status_code',
  url: 'url.full',
  sentBytes: 'http.request.body.size',
  receivedBytes: 'http.response.body.size',
};

function attributesOf(facts: Facts): Record<string, string | number> {
  const named = Object.entries(facts).map(([name, value]) => [
    NAMES[name as keyof Facts] ?? `agent_sync.${name}`,
    value,
  ]);
  return { ...Object.fromEntries(named), ...(facts.url ? serverOf(facts.url) : {}) };
}

function serverOf(address: string): Record<string, string | number> {
  const { hostname, port, protocol } = new URL(address);
  return { 'server.address': hostname, 'server.port': Number(port || (protocol === 'https:' ? 443 : 80)) };
}
