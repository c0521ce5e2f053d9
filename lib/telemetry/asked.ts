import type { LogLevel } from '../core/ports.js';

/** How OTLP goes over HTTP; gRPC is not spoken. */
export type OtlpProtocol = 'http/protobuf' | 'http/json';

/** What the environment asks to be told. */
export interface Asked {
  /** `file` is undefined for standard error. */
  readonly log: { readonly level: LogLevel; readonly file: string | undefined } | undefined;
  readonly traces: OtlpProtocol | undefined;
  readonly metrics: OtlpProtocol | undefined;
  /** For how long the end of a command waits for a collector, in milliseconds. */
  readonly farewell: number;
  /** What was asked for and is not there, for people. */
  readonly notes: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Unless somebody asks for more. */
const FAREWELL_MS = 150;

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/**
 * Reads what is to be told: `AGENT_LOG`, `AGENT_LOG_FILE`, and OpenTelemetry's own variables. Unlike an SDK that is always there, ours
 * tells nothing unless an exporter or an endpoint is named.
 *
 * @returns undefined when nothing is asked for, as is usual
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function askedOf(env: Environment): Asked | undefined {
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const log = logAsked(env, note);
  const isDisabled = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true';
  const traces = isDisabled ? undefined : signalAsked(env, 'TRACES', note);
  const metrics = isDisabled ? undefined : signalAsked(env, 'METRICS', note);
  const farewell = log || traces || metrics ? farewellAsked(env, note) : FAREWELL_MS;
  return log || traces || metrics || notes.length > 0 ? { log, traces, metrics, farewell, notes } : undefined;
}

function logAsked(env: Environment, note: (text: string) => void): Asked['log'] {
  const wanted = env.AGENT_LOG?.toLowerCase();
  if (!wanted || wanted === 'off') return undefined;
  const level = LEVELS.find((known) => known === wanted);
  if (level) return { level, file: env.AGENT_LOG_FILE || undefined };
  note(`AGENT_LOG is ${LEVELS.join(', ')} or off, and nothing else; nothing is logged`);
  return undefined;
}

/** A dead collector must not be felt; who knows that it is alive, and far away, may say so. */
function farewellAsked(env: Environment, note: (text: string) => void): number {
  const wanted = env.AGENT_TELEMETRY_WAIT_MS;
  if (!wanted) return FAREWELL_MS;
  if (/^\d{1,6}$/.test(wanted)) return Number(wanted);
  note(`AGENT_TELEMETRY_WAIT_MS is a number of milliseconds; it is ${FAREWELL_MS} now`);
  return FAREWELL_MS;
}

function signalAsked(
  env: Environment,
  signal: 'TRACES' | 'METRICS',
  note: (text: string) => void,
): OtlpProtocol | undefined {
  const exporters = env[`OTEL_${signal}_EXPORTER`]?.split(',').map((name) => name.trim().toLowerCase());
  const named = exporters?.filter((name) => name !== '') ?? [];
  const hasEndpoint = Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
  const isAsked = named.length > 0 ? named.includes('otlp') : hasEndpoint;
  // Standard output belongs to the answer of a command.
  if (named.some((name) => name !== 'otlp' && name !== 'none'))
    note(`OTEL_${signal}_EXPORTER is otlp or none here, and nothing else`);
  if (!isAsked) return undefined;
  const protocol = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol;
  note(`OTLP goes by http/protobuf or http/json here, and by nothing else; no ${signal.toLowerCase()} are sent`);
  return undefined;
}
