import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SyncError } from '../../core/errors.js';

/**
 * Reads a file that {@link writeJsonFile} wrote.
 *
 * @returns undefined when there is none
 * @throws {SyncError} `ORIGIN_FAILED` when it cannot be read
 */
export function readJsonFile<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SyncError('ORIGIN_FAILED', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Replaces the file in one step; only this account can read it. */
export function writeJsonFile(file: string, value: unknown): void {
  const unfinished = `${file}.new`;
  const descriptor = openSync(unfinished, 'w', 0o600);
  try {
    writeFileSync(descriptor, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
}
