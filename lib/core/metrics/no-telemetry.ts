import type { Telemetry } from '../ports.js';

const NO_HEADERS = {};

/** Tells nobody anything: what there is unless somebody asks. */
export const NO_TELEMETRY: Telemetry = {
  span: (_kind, _name, _facts, work) => work(),
  add: () => {},
  log: () => {},
  measure: () => {},
  traceHeaders: () => NO_HEADERS,
  close: async () => {},
};
