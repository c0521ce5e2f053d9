import Database from 'better-sqlite3';
import { type ErrorCode, SyncError } from '../core/errors.js';

/** The first of these that an SQLite result code starts with says what happened; see sqlite.org/rescode.html. */
const MEANINGS: readonly {
  readonly result: string;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}[] = [
  {
    result: 'SQLITE_BUSY',
    code: 'STORE_BUSY',
    what: 'is being written by another process, which did not finish in time',
    hint: 'Nothing was changed. Try again; if it stays, look for an agent process that hangs.',
  },
  { result: 'SQLITE_CORRUPT', code: 'STORE_CORRUPT', what: 'is damaged', hint: '' },
  { result: 'SQLITE_NOTADB', code: 'STORE_CORRUPT', what: 'is not a database of agent-sync', hint: '' },
  {
    result: 'SQLITE_FULL',
    code: 'STORE_FAILED',
    what: 'cannot grow: the disk is full',
    hint: 'Nothing was changed. Make room and try again.',
  },
  {
    result: 'SQLITE_READONLY',
    code: 'STORE_FAILED',
    what: 'cannot be written',
    hint: 'Nothing was changed. Give yourself the right to write the file and its folder.',
  },
  {
    result: 'SQLITE_CANTOPEN',
    code: 'STORE_FAILED',
    what: 'cannot be opened',
    hint: 'Look at the rights of the file and its folder, and that it is a file.',
  },
];

/**
 * Turns SQLite's failures into ones that name the file and a way on.
 *
 * @returns a SyncError `STORE_BUSY`, `STORE_CORRUPT` or `STORE_FAILED`; anything else as it is
 */
export function translateSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const meaning = MEANINGS.find(({ result }) => error.code.startsWith(result));
  if (!meaning) return new SyncError('STORE_FAILED', `the store ${path} failed: ${error.message}`, { cause: error });
  const { code, what, hint } = meaning;
  if (code === 'STORE_CORRUPT') return corrupt(path, what, error);
  return new SyncError(code, `the store ${path} ${what}`, { hint, cause: error });
}

/** The failure of a store that cannot be read any more. */
export function corrupt(path: string, what: string, cause?: unknown): SyncError {
  return new SyncError('STORE_CORRUPT', `the store ${path} ${what}`, {
    hint: 'Nothing was changed. Move the file aside but keep it, then `agent sync init` and `agent sync pull` bring back what was pushed; `agent sync import` takes in the Markdown on disk.',
    cause,
  });
}
