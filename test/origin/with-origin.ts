import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { findUnenterable, stepDownAccount } from '../../lib/origin/embedded/account.js';
import {
  type EmbeddedOrigin,
  type EmbeddedOriginOptions,
  startEmbeddedOrigin,
} from '../../lib/origin/embedded/start.js';

/** A fresh folder that an origin's programs can reach, removed with the test. */
export function originDirectory(t: Test): string {
  const directory = mkdtempSync(join(reachableFolder(), 'agent-sync-origin-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An origin for one test, ended with it; in a fresh folder unless one is given. */
export async function withEmbeddedOrigin(
  t: Test,
  options: Partial<EmbeddedOriginOptions> = {},
): Promise<EmbeddedOrigin> {
  // Teardowns run last first: the origin ends before its folder goes.
  const directory = options.directory ?? originDirectory(t);
  const origin = await startEmbeddedOrigin({ directory, durable: false, ...options });
  t.teardown(() => origin.stop());
  return origin;
}

/** Where TMPDIR belongs to root alone, PostgreSQL cannot go there. */
export function reachableFolder(): string {
  const account = stepDownAccount('');
  return account && findUnenterable(tmpdir(), account) ? '/var/tmp' : tmpdir();
}
