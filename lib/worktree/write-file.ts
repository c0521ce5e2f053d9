import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { SyncError } from '../core/errors.js';
import type { FileStat } from '../core/ports.js';
import { describeKind, fileError } from './file-error.js';
import { lstat, pickStat } from './file-stat.js';
import { temporaryName } from './temporary-file.js';

const NEW_FILE_MODE = 0o644;

/**
 * Replaces a file in one step: a reader, or whoever looks after a crash, finds it old or new and never in part.
 *
 * A file that exists keeps its permissions. Making the rename itself durable is left to `syncFolder`.
 *
 * @param folder absolute, and known to be a real folder
 * @param path what messages call the file
 * @throws {SyncError} `FILE_UNWRITABLE`
 */
export function replaceFile(folder: string, name: string, path: string, bytes: Uint8Array): FileStat {
  const target = `${folder}/${name}`;
  const before = lstat(target);
  if (before && !before.isFile()) {
    throw new SyncError('FILE_UNWRITABLE', `cannot write '${path}': it ${describeKind(before)}`, {
      hint: 'Move it out of the way and try again.',
    });
  }
  const temporary = `${folder}/${temporaryName()}`;
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', mode: NEW_FILE_MODE, flush: true });
    if (before) chmodSync(temporary, Number(before.mode & 0o777n));
    const written = pickStat(lstat(temporary)!);
    renameSync(temporary, target);
    return statAfterRename(target, written);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw fileError('FILE_UNWRITABLE', 'write', path, cause);
  }
}

/**
 * The rename changed the ctime, so the stat is taken again; if someone else's file is there by now, theirs must not
 * pass for ours.
 */
function statAfterRename(target: string, written: FileStat): FileStat {
  const after = lstat(target);
  const ours = after && after.ino === written.ino && after.mtimeNs === written.mtimeNs;
  return ours ? pickStat(after) : written;
}
