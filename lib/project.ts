/** The folder of a project, and what is found in it before its store is opened. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SyncConfig } from './config/sync-config.js';
import { SyncError } from './core/errors.js';

/** The store, from the project's folder. */
export const STORE_FILE = '.agent/cache/agent.db';
/** Where a project says how it is shared, from its folder. */
export const CONFIG_FILE = '.agent/etc/sync.yaml';

/** The nearest folder, going up, that has a file or folder of that name. */
export function findUpwards(start: string, name: string): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, name))) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

/** The contents of a file; undefined when it is not there. @throws {SyncError} `FILE_UNREADABLE` */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SyncError('FILE_UNREADABLE', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** sync.yaml, if there is one. Only what merges or talks to the origin needs it: reading YAML costs as much as starting Node. */
export async function readConfig(root: string): Promise<SyncConfig | undefined> {
  const text = readIfThere(join(root, CONFIG_FILE));
  return text === undefined ? undefined : parseConfig(text);
}

/** Reads the text of a sync.yaml. @throws {SyncError} `CONFIG_INVALID` */
export async function parseConfig(text: string): Promise<SyncConfig> {
  const { parseSyncConfig } = await import('./config/sync-config.js');
  return parseSyncConfig(text, CONFIG_FILE);
}

/** The failure of who is in no project. */
export function notARepository(directory: string): SyncError {
  return new SyncError('NOT_A_REPOSITORY', `no ${STORE_FILE} in ${directory} or any folder above it`, {
    hint: "Run 'agent sync init' in the project's folder first.",
  });
}
