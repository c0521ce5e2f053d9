import type { Stats } from 'node:fs';
import { type ErrorCode, SyncError } from '../core/errors.js';

/** Tells whether a failure of `node:fs` has one of these codes, such as `ENOENT`. */
export function hasCode(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && 'code' in cause && codes.includes(String(cause.code));
}

/** The error for a file that the operating system would not let us read or write, in its own words. */
export function fileError(
  code: ErrorCode,
  action: 'read' | 'write' | 'remove',
  path: string,
  cause: unknown,
): SyncError {
  // Node's message is `EACCES: permission denied, open '/absolute/path'`.
  const reason = cause instanceof Error ? cause.message.replace(/^E[A-Z0-9]+: /, '').split(',', 1)[0] : String(cause);
  return new SyncError(code, `cannot ${action} '${path}': ${reason}`, { cause });
}

/** What a thing that is no regular file is called. */
export function describeKind(stat: Pick<Stats, 'isSymbolicLink' | 'isDirectory' | 'isFIFO' | 'isSocket'>): string {
  if (stat.isSymbolicLink()) return 'is a symbolic link';
  if (stat.isDirectory()) return 'is a folder';
  if (stat.isFIFO()) return 'is a named pipe';
  if (stat.isSocket()) return 'is a socket';
  return 'is a device';
}
