import { type ErrorCode, SyncError } from '../core/errors.js';

const WRITING = new Set([
  'mkdir',
  'write',
  'rename',
  'unlink',
  'rmdir',
  'rm',
  'fsync',
  'ftruncate',
  'chmod',
  'copyfile',
]);
const WRITE_ONLY = new Set(['ENOSPC', 'EROFS', 'EDQUOT']);

/**
 * Gives failures of the operating system and interrupted waits the code that they have in our table.
 *
 * @returns undefined for what nobody foresaw
 */
export function asSyncError(error: unknown): SyncError | undefined {
  if (error instanceof SyncError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'AbortError') return new SyncError('ABORTED', 'interrupted', { cause: error });
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || path === undefined) return undefined;
  const ours = codeFor(code, syscall);
  const action = ours === 'FILE_UNWRITABLE' ? 'write' : 'read';
  return new SyncError(ours, `cannot ${action} '${path}': ${describe(error)}`, { cause: error });
}

function codeFor(code: string, syscall: string): ErrorCode {
  if (WRITING.has(syscall) || WRITE_ONLY.has(code)) return 'FILE_UNWRITABLE';
  return code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE';
}

/** Node's message is `EACCES: permission denied, open '/absolute/path'`. */
function describe(error: Error): string {
  return error.message.replace(/^E[A-Z0-9]+: /, '').split(',', 1)[0]!;
}
