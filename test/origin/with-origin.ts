import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type EmbeddedOrigin, startEmbeddedOrigin } from '../../lib/origin/embedded/start.js';

/** A fresh origin for one test, ended and removed with it. */
export async function withEmbeddedOrigin(t: Test): Promise<EmbeddedOrigin> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-sync-origin-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const origin = await startEmbeddedOrigin({ directory, durable: false });
  t.teardown(() => origin.stop());
  return origin;
}
