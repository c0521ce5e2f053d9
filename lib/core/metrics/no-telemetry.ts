import type { Telemetry } from '../ports.js';

/** Tells nobody anything: what there is unless somebody asks. */
export const NO_TELEMETRY: Telemetry = {
  span: (_kind, _name, _facts, work) => work(),
  add: () => {},
  log: () => {},
  measure: () => {},
  traceparent: () => undefined,
  close: async () => {},
};
