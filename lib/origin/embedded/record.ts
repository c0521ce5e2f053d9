import { rmSync } from 'node:fs';
import { readJsonFile, writeJsonFile } from './json-file.js';
import type { Layout } from './layout.js';

/** What others need to know of an origin that runs; there only while it does, or after it was killed. */
export interface RunningRecord {
  /** The process that started PostgreSQL and PostgREST and answers as the gateway. */
  readonly pid: number;
  /** Null until it is ready. */
  readonly url: string | null;
  readonly sockets: string;
  /** True for one that `startDaemon` made, which `stopDaemon` may end. */
  readonly daemon: boolean;
}

/** @returns undefined when there is none */
export function readRecord(layout: Layout): RunningRecord | undefined {
  return readJsonFile(layout.recordFile);
}

/** Replaces the record in one step. */
export function writeRecord(layout: Layout, record: RunningRecord): void {
  writeJsonFile(layout.recordFile, record);
}

/** Removes the record, if there is one. */
export function removeRecord(layout: Layout): void {
  rmSync(layout.recordFile, { force: true });
}
