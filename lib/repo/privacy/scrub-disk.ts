import { SyncError } from '../../core/errors.js';
import { equalBytes } from '../../core/object/text.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { type ImportResult, importArtifacts } from '../disk/import.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { isReplaced, type PlacedFinding } from './gate.js';

/** What is in the files on disk. */
export interface DiskFindings {
  /** By path, and in order. */
  readonly findings: readonly PlacedFinding[];
}

/** What scrubbing the files on disk did. */
export interface ScrubResult extends DiskFindings {
  /** The files that were written. */
  readonly rewritten: readonly string[];
  readonly imported: ImportResult;
}

/**
 * Finds what is to be scrubbed in the files on disk, and writes nothing.
 *
 * @param paths files or folders below `.agent/cache`; everything when left out
 * @throws {SyncError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`, `CONFIG_INVALID`
 */
export function checkDisk(repo: Repository, paths?: readonly string[]): DiskFindings {
  return { findings: filesBelow(repo, paths).flatMap((path) => repo.gate.look(path, repo.readUnscrubbed(path))) };
}

/**
 * Writes the files on disk as the store would have them, what is blocked included, and imports them. What is replaced is then
 * nowhere any more: not on disk, not in the store, and no undo brings it back.
 *
 * @throws {SyncError} as `checkDisk` and `importArtifacts`
 */
export function scrubDisk(repo: Repository, paths?: readonly string[]): Promise<ScrubResult> {
  return asSyncOperation(
    repo,
    'scrub',
    () => rewriteAndImport(repo, paths),
    ({ findings, rewritten }) => ({ result: 'done', detail: { findings: findings.length, files: rewritten.length } }),
  );
}

async function rewriteAndImport(repo: Repository, paths: readonly string[] | undefined): Promise<ScrubResult> {
  refuseDuringMerge(repo.store);
  const { findings } = checkDisk(repo, paths);
  const rewritten = [...new Set(findings.filter(isReplaced).map(({ path }) => path))].filter((path) =>
    rewrite(repo, path),
  );
  const imported = await importArtifacts(repo, paths === undefined ? {} : { paths });
  return { findings, rewritten, imported };
}

function rewrite({ worktree, readUnscrubbed }: Repository, path: string): boolean {
  const written = readUnscrubbed(path);
  const scrubbed = worktree.read(path);
  // Somebody may save the file just now: what they wrote is looked at by the next scrub, or import.
  if (equalBytes(written, scrubbed) || !equalBytes(written, readUnscrubbed(path))) return false;
  worktree.write(path, scrubbed);
  return true;
}

function filesBelow({ worktree }: Repository, paths: readonly string[] | undefined): string[] {
  const files = worktree.scan().files.map(({ path }) => path);
  const isBelow = (path: string, place: string) => place === '' || path === place || path.startsWith(`${place}/`);
  const unknown = paths?.find((place) => !files.some((path) => isBelow(path, place)));
  if (unknown !== undefined) throw new SyncError('FILE_NOT_FOUND', `no artifact file at '${unknown}'`);
  return files.filter((path) => !paths || paths.some((place) => isBelow(path, place)));
}
