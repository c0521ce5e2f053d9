import type { Readable, Writable } from 'node:stream';
import type { BaseContext } from 'clipanion';
import type { Telemetry } from '../core/ports.js';

/** Everything a command may see of the process it runs in. */
export interface AgentContext extends BaseContext {
  /** The command line, without node and script. */
  readonly argv: readonly string[];
  stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  stderr: Writable & { readonly isTTY?: boolean };
  env: Record<string, string | undefined>;
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly colorDepth: number;
  readonly telemetry: Telemetry;
}

/** The same before anybody is told how it goes. */
export type UntoldContext = Omit<AgentContext, 'telemetry'>;

/** What `bin/agent.ts` hands in. */
export type ProcessContext = Omit<UntoldContext, 'argv' | 'colorDepth'>;
