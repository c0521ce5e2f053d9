import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { SyncError } from '../core/errors.js';
import { fileError, hasCode } from './file-error.js';

/**
 * Turns a path as a user types it into one below `root`. Links are followed first, so that a path means the file it
 * leads to; the file need not exist.
 *
 * @param cwd absolute; what a relative path is relative to
 * @returns the path below `root`, with `/`; empty for `root` itself
 * @throws {SyncError} `PATH_OUTSIDE_CACHE`, `FILE_UNREADABLE`
 */
export function resolvePath(root: string, userPath: string, cwd: string): string {
  const absolute = resolve(cwd, userPath);
  try {
    const below = relative(realPath(root), realPath(absolute));
    if (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)) return below.split(sep).join('/');
  } catch (cause) {
    throw fileError('FILE_UNREADABLE', 'read', userPath, cause);
  }
  throw new SyncError('PATH_OUTSIDE_CACHE', `'${userPath}' is not below ${root}`, {
    hint: 'Artifacts live below .agent/cache; move the file there, or pipe it in with `--path`.',
  });
}

/** The path without links, as far as it exists. */
function realPath(absolute: string): string {
  try {
    return realpathSync(absolute);
  } catch (cause) {
    const parent = dirname(absolute);
    if (parent === absolute || !hasCode(cause, 'ENOENT', 'ENOTDIR')) throw cause;
    return resolve(realPath(parent), basename(absolute));
  }
}
