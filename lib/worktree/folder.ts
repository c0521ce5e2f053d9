import { closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { SyncError } from '../core/errors.js';
import { describeKind, fileError, hasCode } from './file-error.js';

/**
 * Finds a folder below `root`, looking at each step for a symbolic link that would lead out of it.
 *
 * @param names the folder's components
 * @returns its absolute path; undefined when there is no such folder
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a link on the way
 */
export function findFolder(root: string, names: readonly string[]): string | undefined {
  let folder = root;
  for (const [i, name] of names.entries()) {
    folder = `${folder}/${name}`;
    if (kindOf(folder, names.slice(0, i + 1)) !== 'folder') return undefined;
  }
  return folder;
}

/**
 * Makes a folder below `root`, and those above it, unless they exist.
 *
 * @returns its absolute path
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a link on the way, `FILE_UNWRITABLE`
 */
export function makeFolder(root: string, names: readonly string[]): string {
  let folder = root;
  try {
    makeRoot(root);
    for (const [i, name] of names.entries()) {
      const parent = folder;
      folder = `${folder}/${name}`;
      const kind = kindOf(folder, names.slice(0, i + 1));
      if (kind === 'folder') continue;
      if (kind === 'file') {
        throw new SyncError(
          'FILE_UNWRITABLE',
          `'${names.slice(0, i + 1).join('/')}' should be a folder, but is a file`,
          {
            hint: 'Move it out of the way and try again.',
          },
        );
      }
      mkdirSync(folder);
      syncFolder(parent);
    }
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    throw fileError('FILE_UNWRITABLE', 'write', names.join('/'), cause);
  }
  return folder;
}

/** Node's own recursive mkdir never ends where a folder cannot be made that reports ENOENT, such as below /proc. */
function makeRoot(root: string): void {
  if (existsSync(root)) return;
  makeRoot(dirname(root));
  try {
    mkdirSync(root);
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause;
  }
}

/** Makes renames and removals in a folder survive a power failure; a folder that is gone needs none. */
export function syncFolder(folder: string): void {
  let fd: number;
  try {
    fd = openSync(folder, 'r');
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return;
    throw cause;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function kindOf(absolute: string, names: readonly string[]): 'folder' | 'file' | undefined {
  const stat = lstatSync(absolute, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isDirectory()) return 'folder';
  if (stat.isFile()) return 'file';
  const path = names.join('/');
  if (stat.isSymbolicLink()) {
    throw new SyncError(
      'PATH_OUTSIDE_CACHE',
      `'${path}' is a symbolic link, and agent-sync follows none below .agent/cache`,
      {
        hint: 'Put a real folder in its place.',
      },
    );
  }
  throw new SyncError('FILE_UNWRITABLE', `'${path}' should be a folder, but ${describeKind(stat)}`, {
    hint: 'Move it out of the way and try again.',
  });
}
