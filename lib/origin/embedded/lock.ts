import Database from 'better-sqlite3';

/** Held by the process that runs the origin of a folder. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the folder for this process, if nobody has it. Node has no flock(2); SQLite's lock is one that the kernel lets
 * go of however the process ends, so that it is never stale.
 *
 * @returns undefined when another process, or another origin of this one, holds it
 */
export function takeLock(file: string): DirectoryLock | undefined {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
