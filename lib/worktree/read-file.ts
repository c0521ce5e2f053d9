import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { SyncError } from '../core/errors.js';
import { LIMITS } from '../core/object/limits.js';
import { describeKind, fileError, hasCode } from './file-error.js';

// Without O_NONBLOCK, opening a named pipe would wait for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a regular file whose size is checked before a byte of it is read.
 *
 * @param path what messages call it
 * @throws {SyncError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `FILE_UNREADABLE` (also for what is no regular file)
 */
export function readRegularFile(absolute: string, path: string): Uint8Array {
  let fd: number | undefined;
  try {
    fd = openSync(absolute, FLAGS);
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new SyncError('FILE_UNREADABLE', `cannot read '${path}': it ${describeKind(stat)}`);
    if (stat.size > LIMITS.objectBytes) {
      throw new SyncError('FILE_TOO_LARGE', `'${path}' has ${stat.size} bytes; the limit is ${LIMITS.objectBytes}`, {
        hint: 'Split the document, or keep what is large outside of .agent/cache.',
      });
    }
    return readFileSync(fd);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    if (hasCode(cause, 'ENOENT')) throw new SyncError('FILE_NOT_FOUND', `there is no file '${path}'`, { cause });
    if (hasCode(cause, 'ELOOP')) {
      throw new SyncError('FILE_UNREADABLE', `cannot read '${path}': it is a symbolic link`, { cause });
    }
    throw fileError('FILE_UNREADABLE', 'read', path, cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
