import { isArtifactPath } from '../../artifact/path.js';
import { blobOnDisk } from '../../core/erasure/tombstone.js';
import { SyncError } from '../../core/errors.js';
import { findPath, listFiles } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { compareUtf8 } from '../../core/object/text.js';
import { isTree } from '../../core/object/tree.js';
import type {
  CachedStat,
  ObjectReader,
  ObjectStore,
  StatCache,
  Store,
  Worktree,
  WorktreeFile,
  WorktreeScan,
} from '../../core/ports.js';
import { isSettled, isUnchanged } from '../../core/racy.js';

/** What is on disk, by path. */
export interface DiskState {
  /** Path to the id its bytes have as a blob. */
  readonly files: ReadonlyMap<string, Oid>;
  readonly skipped: WorktreeScan['skipped'];
}

/**
 * Hashes the artifact files on disk, reading only those whose stat differs from what is remembered.
 *
 * @param onRead is handed the bytes of each file that was read
 * @throws {SyncError} `FILE_TOO_LARGE`, `FILE_UNREADABLE`
 */
export function readDisk(
  { objects, stats }: Pick<Store, 'objects' | 'stats'>,
  worktree: Worktree,
  onRead: (path: string, bytes: Uint8Array) => void = () => {},
): DiskState {
  const scan = worktree.scan();
  const cached = stats.load();
  const files = new Map<string, Oid>();
  const learned = new Map<string, CachedStat | null>();
  for (const file of scan.files) {
    const known = cached.get(file.path);
    if (known && isUnchanged(known, file)) {
      files.set(file.path, known.oid);
      continue;
    }
    const bytes = worktree.read(file.path);
    const oid = objects.hash('blob', bytes);
    files.set(file.path, oid);
    onRead(file.path, bytes);
    if (isSettled(file, scan.startedAt)) learned.set(file.path, cacheable(file, oid));
  }
  for (const path of cached.keys()) if (!files.has(path)) learned.set(path, null);
  if (learned.size > 0) remember(stats, learned);
  return { files, skipped: scan.skipped };
}

/** The blob ids of a tree's files, by path. */
export function filesOf(objects: ObjectReader, tree: Oid | null): Map<string, Oid> {
  const files = new Map<string, Oid>();
  for (const { path, oid } of tree ? listFiles(objects, tree) : []) files.set(path, oid);
  return files;
}

/** What a path changes from and to, as blob ids; null for no file. */
export interface PathChange {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/**
 * Compares the disk with a tree.
 *
 * What the scan passed over (a link in place of a file, a folder with an odd name) is not known to be deleted and so is no
 * change.
 *
 * @returns the changes in byte order of path
 */
export function diskChanges(objects: ObjectReader, disk: DiskState, tree: Oid | null): PathChange[] {
  const known = filesOf(objects, tree);
  const isSkipped = (path: string) =>
    disk.skipped.some((skipped) => path === skipped.path || path.startsWith(`${skipped.path}/`));
  const changes: PathChange[] = [];
  for (const [path, after] of disk.files) {
    const before = known.get(path) ?? null;
    if (before !== after) changes.push({ path, before, after });
  }
  for (const [path, before] of known) {
    if (!disk.files.has(path) && !isSkipped(path)) changes.push({ path, before, after: null });
  }
  return changes.sort((a, b) => compareUtf8(a.path, b.path));
}

/**
 * Compares single files with a tree, and looks at no other: what that costs does not grow with the store.
 *
 * @param onRead is handed the bytes of each file that was read
 * @returns the changes in byte order of path; undefined when one of `paths` is no artifact's file, on disk or in the tree
 * @throws {SyncError} `FILE_TOO_LARGE`, `FILE_UNREADABLE`
 */
export function fileChanges(
  objects: ObjectStore,
  worktree: Worktree,
  paths: readonly string[],
  tree: Oid | null,
  onRead: (path: string, bytes: Uint8Array) => void,
): PathChange[] | undefined {
  const changes: PathChange[] = [];
  for (const path of new Set(paths)) {
    if (!isArtifactPath(path)) return undefined;
    const known = tree === null ? undefined : findPath(objects, tree, path);
    const found = worktree.stat(path);
    if ((!known && !found) || (known && isTree(known))) return undefined;
    const bytes = found && worktree.read(path);
    const before = known?.oid ?? null;
    const after = bytes ? objects.hash('blob', bytes) : null;
    if (bytes) onRead(path, bytes);
    if (before !== after) changes.push({ path, before, after });
  }
  return changes.sort((a, b) => compareUtf8(a.path, b.path));
}

/** The blob id of one file on disk, as `readDisk` tells it; undefined where there is none. */
export function hashOnDisk(worktree: Worktree, path: string): Oid | undefined {
  return worktree.stat(path) && blobOnDisk(worktree.read(path));
}

function cacheable({ size, mtimeNs, ctimeNs, ino }: WorktreeFile, oid: Oid): CachedStat {
  return { size, mtimeNs, ctimeNs, ino, oid };
}

/** Remembering is a service to the next command; a busy or read-only store must not fail this one. */
function remember(stats: StatCache, learned: ReadonlyMap<string, CachedStat | null>): void {
  try {
    stats.save(learned);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}
