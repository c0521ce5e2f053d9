/**
 * The process that `startDaemon` leaves running: an embedded origin and nothing else. Its parent gets one message,
 * either that it is ready or why it could not start.
 */
import { appendFileSync } from 'node:fs';
import { SyncError } from '../../core/errors.js';
import type { DaemonMessage, StartOptions } from './control.js';
import { layoutOf } from './layout.js';
import { startEmbeddedOrigin } from './start.js';

const [directory = '', options = '{}'] = process.argv.slice(2);
const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
// A parent that goes before it was answered would never know of this process.
const abandon = () => ending.abort();
process.once('disconnect', abandon);
process.on('uncaughtExceptionMonitor', (error) => note(String(error.stack)));

try {
  const origin = await startEmbeddedOrigin({
    ...(JSON.parse(options) as StartOptions),
    directory,
    daemon: true,
    signal: ending.signal,
  });
  process.off('disconnect', abandon);
  tellParent({ ready: true });
  const asked = new Promise<boolean>((resolve) => {
    if (ending.signal.aborted) resolve(true);
    ending.signal.addEventListener('abort', () => resolve(true));
  });
  const wasAsked = await Promise.race([asked, origin.broken.then(() => false)]);
  if (!wasAsked) note('PostgreSQL or PostgREST ended by itself; the origin stops.');
  await origin.stop();
  process.exitCode = wasAsked ? 0 : 1;
} catch (error) {
  const { code, message, hint } =
    error instanceof SyncError ? error : new SyncError('ORIGIN_FAILED', String((error as Error).stack));
  tellParent({ ready: false, code, message, hint: hint ?? null });
  process.exitCode = 1;
}

function tellParent(message: DaemonMessage): void {
  if (process.connected) process.send?.(message);
}

function note(line: string): void {
  appendFileSync(layoutOf(directory).logFile('daemon'), `${new Date().toISOString()} ${line}\n`);
}
