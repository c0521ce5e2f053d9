import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { SyncError } from '../core/errors.js';

/** Longer than the holder may take, who waits for an origin to answer. */
const PATIENCE_MS = 60_000;
const BETWEEN_MS = 25;

/**
 * Does something while no other process does it. Node has no flock(2); SQLite's lock is one that the kernel lets go of however the
 * process ends.
 *
 * @param file made when missing; it stays empty
 * @throws {SyncError} `CREDENTIALS_BUSY` when another process does not finish
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  closeSync(openSync(file, 'a', 0o600));
  const database = new Database(file, { timeout: 0 });
  try {
    for (const since = performance.now(); !take(database); await wait(BETWEEN_MS)) {
      if (performance.now() - since < PATIENCE_MS) continue;
      throw new SyncError('CREDENTIALS_BUSY', 'another process has been renewing or changing the login for a minute', {
        hint: 'Run the command again. If it stays, look for an agent process that hangs.',
      });
    }
    return await work();
  } finally {
    database.close();
  }
}

function take(database: Database.Database): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return false;
    throw error;
  }
}
