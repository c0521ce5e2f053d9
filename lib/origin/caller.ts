/** Who asks an origin, as its audit has it. An origin with users knows the user by itself. */
export interface Caller {
  /** The id of the store that asks. */
  readonly store?: string | undefined;
  readonly version: string;
  /** The actor at work. */
  actor(): Promise<string>;
  /** The trace that is under way, in W3C's form. */
  traceparent?(): string | undefined;
}

/** The headers by which a request says where it comes from; read for each request. */
export function callerHeaders({ store, version, traceparent }: Caller): Record<string, string> {
  const trace = traceparent?.();
  return {
    ...(store ? { 'x-agent-store': store, 'x-agent-version': version } : {}),
    ...(trace ? { traceparent: trace } : {}),
  };
}
