import type { Telemetry } from '../core/ports.js';
import type { Asked } from './asked.js';
import type { Meters } from './meters.js';
import { observer } from './observer.js';
import type { OtlpConnections } from './otlp.js';
import type { ExportedTraces } from './traces.js';

/** Where things are told from. */
export interface StartOptions {
  /** What a relative log file is relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  /** What keys and tokens look like. */
  readonly secret: RegExp;
}

/** Telemetry, and what there is to say about what of it is missing, for people. */
export interface Started {
  readonly telemetry: Telemetry;
  readonly notes: readonly string[];
}

/** Starts what is asked for and loads nothing else. What cannot be started is a note, and the work goes on without. */
export async function startTelemetry(asked: Asked, options: StartOptions): Promise<Started> {
  const notes = [...asked.notes];
  const log = await openLog(asked, options, notes);
  const exporters = await openExporters(asked, options, notes);
  const { traces, meters, connections } = exporters ?? {};
  return {
    notes,
    telemetry: observer({
      log: log?.write,
      traces,
      measure: meters?.measure,
      close: async () => {
        const isSent =
          !exporters || (await within(asked.farewell, () => Promise.all([traces?.close(), meters?.close()])));
        connections?.close();
        if (!isSent) log?.write('warn', 'the collector did not take traces or metrics in time', {});
        log?.close();
      },
    }),
  };
}

async function openLog({ log }: Asked, { cwd, secret }: StartOptions, notes: string[]) {
  if (!log) return undefined;
  try {
    const { openLog } = await import('./json-log.js');
    return openLog({ ...log, cwd, secret });
  } catch (error) {
    notes.push(`cannot write the log ${log.file ?? ''}: ${(error as Error).message}`);
    return undefined;
  }
}

interface Exporters {
  readonly connections: OtlpConnections;
  readonly traces: ExportedTraces | undefined;
  readonly meters: Meters | undefined;
}

async function openExporters(
  asked: Asked,
  { env, version }: StartOptions,
  notes: string[],
): Promise<Exporters | undefined> {
  if (!asked.traces && !asked.metrics) return undefined;
  try {
    const { openConnections } = await import('./otlp.js');
    const connections = openConnections(asked.farewell);
    const caller = { traceparent: env.TRACEPARENT, tracestate: env.TRACESTATE };
    const traces = asked.traces
      ? await (await import('./traces.js')).openTraces({ protocol: asked.traces, connections, version, caller })
      : undefined;
    const meters = asked.metrics
      ? await (await import('./meters.js')).openMeters({ protocol: asked.metrics, connections, version })
      : undefined;
    return { connections, traces, meters };
  } catch (error) {
    const isMissing = /MODULE_NOT_FOUND$/.test((error as NodeJS.ErrnoException).code ?? '');
    notes.push(
      isMissing
        ? 'traces and metrics need the optional packages @opentelemetry/*, which are not installed [DEPENDENCY_MISSING]'
        : `no traces and metrics: ${(error as Error).message}`,
    );
    return undefined;
  }
}

/** @returns false when there was no more time, or nobody took it */
async function within(milliseconds: number, send: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  // The clock runs while what is sent is put together.
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const sent = send().then(
    () => true,
    () => false,
  );
  const isSent = await Promise.race([sent, late]);
  clearTimeout(timer);
  return isSent;
}
