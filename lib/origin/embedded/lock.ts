import Database from 'better-sqlite3';
import { SyncError } from '../../core/errors.js';

/** Held by the process that runs the origin of a folder. */
export interface DirectoryLock {
  release(): void;
}

// Whoever asks whether it is taken shares it for an instant.
const PROBE_MS = 200;

/**
 * Takes the folder for this process, if nobody has it. Node has no flock(2); SQLite's lock is one that the kernel lets
 * go of however the process ends, so that it is never stale.
 *
 * @returns undefined when another process, or another origin of this one, holds it
 * @throws {SyncError} `ORIGIN_FAILED` when the file cannot be opened
 */
export function takeLock(file: string): DirectoryLock | undefined {
  const database = open(file, PROBE_MS);
  if (attempt(() => database.exec('BEGIN EXCLUSIVE'))) return { release: () => database.close() };
  database.close();
  return undefined;
}

/** Whether somebody holds the folder; the file has to exist. */
export function isLocked(file: string): boolean {
  const database = open(file, 0);
  try {
    return !attempt(() => database.pragma('schema_version'));
  } finally {
    database.close();
  }
}

function open(file: string, timeout: number): Database.Database {
  try {
    return new Database(file, { timeout });
  } catch (cause) {
    throw new SyncError('ORIGIN_FAILED', `cannot open ${file}: ${(cause as Error).message}`, { cause });
  }
}

function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return false;
    throw error;
  }
}
