import { rmdirSync, unlinkSync } from 'node:fs';
import { SyncError } from '../core/errors.js';
import { describeKind, fileError, hasCode } from './file-error.js';
import { lstat } from './file-stat.js';
import { findFolder } from './folder.js';

/**
 * Removes a file and the folders that it leaves empty, except the kind's own.
 *
 * @param names the path's components
 * @returns the folder that lost an entry; undefined when there was no such file
 * @throws {SyncError} `FILE_UNWRITABLE`, `PATH_OUTSIDE_CACHE`
 */
export function removeFile(root: string, names: readonly string[]): string | undefined {
  const path = names.join('/');
  const folder = findFolder(root, names.slice(0, -1));
  const stat = folder && lstat(`${folder}/${names.at(-1)}`);
  if (!stat) return undefined;
  if (!stat.isFile()) {
    throw new SyncError('FILE_UNWRITABLE', `cannot remove '${path}': it ${describeKind(stat)}`);
  }
  try {
    unlinkSync(`${root}/${path}`);
    let depth = names.length - 1;
    while (depth > 1 && removeIfEmpty(`${root}/${names.slice(0, depth).join('/')}`)) depth--;
    return `${root}/${names.slice(0, depth).join('/')}`;
  } catch (cause) {
    throw fileError('FILE_UNWRITABLE', 'remove', path, cause);
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return false;
    throw cause;
  }
}
