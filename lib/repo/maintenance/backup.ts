import { SyncError } from '../../core/errors.js';
import type { Store } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Repository } from '../repository.js';
import { fsck } from './fsck.js';

/** What a backup is. */
export interface BackupResult {
  /** Absolute. */
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
  readonly objects: number;
}

/**
 * Copies the store into one file, as it is at one moment while others write, and checks the copy from end to end.
 *
 * @param file absolute
 * @throws {SyncError} `STORE_CORRUPT` when something is wrong with the copy, which is not kept then; the codes of `StoreFiles`
 */
export function backup(
  repo: Repository,
  file: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<BackupResult> {
  return asSyncOperation(
    repo,
    'backup',
    () => copyTo(repo, file, force),
    ({ objects }) => ({ result: 'done', detail: { objects } }),
  );
}

async function copyTo({ files }: Repository, file: string, force: boolean): Promise<BackupResult> {
  if (file === files.path) {
    throw new SyncError('FILE_UNWRITABLE', `${file} is the store itself`, { hint: 'Name another file.' });
  }
  let objects = 0;
  const check = (copy: Store) => {
    objects = checkStore(copy, files.path, "'agent sync doctor' tells what can be repaired.");
  };
  const bytes = await files.copy(files.path, file, { overwrite: force, check });
  return { file, bytes, objects };
}

/**
 * Refuses a store that is not whole.
 *
 * @param path as messages are to name it
 * @returns how many objects it has
 * @throws {SyncError} `STORE_CORRUPT`
 */
export function checkStore(store: Store, path: string, hint: string): number {
  const { objects, problems } = fsck(store);
  // What is derived is made again, and neither a command that cannot be undone nor an audit that somebody spoiled is a reason to
  // have no backup.
  const found = problems.filter(({ area }) => !['index', 'operation', 'audit'].includes(area));
  if (found.length === 0) return objects;
  const lines = found.slice(0, 5).map(({ area, subject, message }) => `\n  ${area} ${subject}: ${message}`);
  const more = found.length > lines.length ? `\n  and ${found.length - lines.length} more` : '';
  throw new SyncError('STORE_CORRUPT', `the store ${path} is not whole:${lines.join('')}${more}`, { hint });
}
