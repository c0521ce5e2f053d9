import { type Dirent, readdirSync } from 'node:fs';
import { LIMITS } from '../core/object/limits.js';
import { unsafeName } from '../core/object/path.js';
import { compareUtf8 } from '../core/object/text.js';
import type { WorktreeFile, WorktreeScan } from '../core/ports.js';
import { isIgnoredFile, KIND_FOLDERS } from './artifact-path.js';
import { describeKind, fileError, hasCode } from './file-error.js';
import { lstat, pickStat } from './file-stat.js';
import { isTemporaryName, sweepTemporaryFile } from './temporary-file.js';

/**
 * Finds the artifact files below `root`, and removes the temporary files of processes that were killed.
 *
 * @throws {SyncError} `FILE_UNREADABLE` for a folder that cannot be listed: its files must not seem to be deleted
 */
export function scanWorktree(root: string): WorktreeScan {
  const now = Date.now();
  const files: WorktreeFile[] = [];
  const skipped: { path: string; reason: string }[] = [];

  const walk = (folder: string, depth: number): void => {
    for (const entry of listFolder(root, folder)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isTemporaryName(entry.name)) sweepTemporaryFile(`${root}/${path}`, now);
      const wanted = depth === 0 ? KIND_FOLDERS.includes(entry.name) : !isIgnoredEntry(entry);
      if (!wanted) continue;
      const reason = unusable(entry, depth);
      if (reason) skipped.push({ path, reason });
      else if (entry.isDirectory()) walk(path, depth + 1);
      else addFile(path);
    }
  };
  const addFile = (path: string): void => {
    const stat = lstat(`${root}/${path}`);
    if (stat?.isFile()) files.push({ path, ...pickStat(stat) });
    // Node writes U+FFFD for bytes that are no UTF-8, and then finds no file of that name.
    else if (!stat && path.includes('\ufffd')) skipped.push({ path, reason: 'has a name that is not UTF-8' });
  };

  walk('', 0);
  return { startedAt: BigInt(now) * 1_000_000n, files, skipped };
}

/** A folder's entries in git's order, in which a folder counts as if its name ended in `/`: so all paths come sorted. */
function listFolder(root: string, folder: string): Dirent[] {
  try {
    const entries = readdirSync(`${root}/${folder}`, { withFileTypes: true });
    return entries.sort((a, b) => compareUtf8(sortKey(a), sortKey(b)));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return [];
    throw fileError('FILE_UNREADABLE', 'read', folder === '' ? root : folder, cause);
  }
}

function sortKey(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name;
}

function isIgnoredEntry(entry: Dirent): boolean {
  // A link may lead to a folder of artifacts, so it is named whatever its name.
  if (entry.isDirectory() || entry.isSymbolicLink()) return entry.name.startsWith('.');
  return isIgnoredFile(entry.name);
}

function unusable(entry: Dirent, depth: number): string | undefined {
  if (!entry.isDirectory() && !entry.isFile()) return describeKind(entry);
  if (depth === 0 && !entry.isDirectory()) return 'is not a folder';
  if (depth >= LIMITS.pathDepth) return `is deeper than ${LIMITS.pathDepth} folders`;
  const unsafe = unsafeName(entry.name);
  return unsafe && `has a name that ${unsafe}`;
}
