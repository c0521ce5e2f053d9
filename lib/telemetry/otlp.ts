/** How traces and metrics reach a collector, and how that ends. */
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import { openLookup } from './lookup.js';

/**
 * Milliseconds that a collector may be silent for. The exporters repeat what failed after 800 ms at the earliest, unless that is too
 * late: a shorter time means that no timer is left behind.
 */
const PATIENCE_MS = 750;

type Signal = 'TRACES' | 'METRICS';

/** What an exporter is to be made with. */
export interface ExporterOptions {
  readonly timeoutMillis: number;
  readonly httpAgentOptions: (protocol: string) => http.Agent | https.Agent;
}

/** Connections to collectors that can be dropped. */
export interface OtlpConnections {
  options(signal: Signal): ExporterOptions;
  /** Drops what is open, whatever it waits for. */
  close(): void;
}

/**
 * Prepares connections; none is made yet. The address, headers and compression of the exporters are what OpenTelemetry's variables say.
 *
 * @param farewell for how long the end waits, in milliseconds
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function openConnections(farewell: number): OtlpConnections {
  const patience = Math.max(PATIENCE_MS, farewell);
  const { lookup, close } = openLookup();
  const agents: http.Agent[] = [];
  let isClosed = false;
  const keep = <T extends http.Agent>(agent: T): T => {
    agents.push(agent);
    return agent;
  };
  return {
    options: (signal) => ({
      timeoutMillis: Math.min(numberOf(signal, 'TIMEOUT') ?? patience, patience),
      httpAgentOptions: (protocol) => {
        if (isClosed) throw new Error('it is too late to send anything');
        const options = { keepAlive: true, lookup };
        return keep(
          protocol === 'http:' ? new http.Agent(options) : new https.Agent({ ...options, ...certificates(signal) }),
        );
      },
    }),
    close: () => {
      isClosed = true;
      close();
      for (const agent of agents) agent.destroy();
    },
  };
}

function numberOf(signal: Signal, name: string): number | undefined {
  return getNumberFromEnv(`OTEL_EXPORTER_OTLP_${signal}_${name}`) ?? getNumberFromEnv(`OTEL_EXPORTER_OTLP_${name}`);
}

function certificates(signal: Signal): https.AgentOptions {
  const file = (name: string) => {
    const path =
      getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_${name}`) ?? getStringFromEnv(`OTEL_EXPORTER_OTLP_${name}`);
    return path === undefined ? undefined : readFileSync(path);
  };
  const [ca, cert, key] = [file('CERTIFICATE'), file('CLIENT_CERTIFICATE'), file('CLIENT_KEY')];
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}
