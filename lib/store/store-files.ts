import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { SyncError } from '../core/errors.js';
import type { CopyOptions, Store, StoreFiles } from '../core/ports.js';
import { openStore } from './open-store.js';
import { translateSqliteError } from './sqlite-error.js';

const PATIENCE_MS = 5000;
/** Pages copied between two looks at what else there is to do: 8 MiB. */
const PAGES_AT_ONCE = 1024;
const ALL_PAGES = 0x7fffffff;
/** A setting by which a store is known to be the copy that it should be. */
const MARK = 'store.copy';
/** What SQLite keeps beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/** The file `path` that a project's store is in. */
export function storeFiles(path: string): StoreFiles {
  return {
    path,
    exists: () => existsSync(path),
    copy: copyStore,
    fill: (from) => fillStore(from, path),
    keep: (suffix) => keepStore(path, `${path}.${suffix}`),
    leftovers: () => findLeftovers(path),
    copies: () => findCopies(path),
    remove: removeStore,
  };
}

async function copyStore(from: string, to: string, { overwrite = false, check }: CopyOptions = {}): Promise<number> {
  if (!existsSync(from)) throw new SyncError('FILE_NOT_FOUND', `there is no file ${from}`);
  if (!statSync(from).isFile()) throw new SyncError('FILE_UNREADABLE', `${from} is not a file`);
  refuseTaken(to, overwrite);
  // The system hides it, and git is told to: it begins like the store that lies in the same place, if one does.
  const temporary = join(dirname(to), `${basename(to)}.${crypto.randomUUID()}.tmp`);
  try {
    await copyPages(from, temporary);
    if (check) {
      const copy = openCopy(temporary, from);
      try {
        check(copy);
      } finally {
        copy.close();
      }
    }
    refuseTaken(to, overwrite);
    renameSync(temporary, to);
    return statSync(to).size;
  } catch (error) {
    throw failure(error, to);
  } finally {
    removeStore(temporary);
  }
}

/** A connection of its own keeps to one state of the store for as long as this takes. */
async function copyPages(from: string, to: string): Promise<void> {
  const source = open(from);
  try {
    source.exec('begin');
    const pages = source.pragma('page_count', { simple: true }) as number;
    source.prepare('select count(*) from sqlite_schema').get();
    const { totalPages, remainingPages } = await source.backup(to, { progress: () => PAGES_AT_ONCE }).catch((error) => {
      throw isUnwritable(error) ? unwritable(dirname(to), error) : error;
    });
    // better-sqlite3 takes SQLite's BUSY for an end.
    if (pages > 0 && (totalPages === 0 || remainingPages > 0)) throw busy(from);
  } catch (error) {
    throw translateSqliteError(error, from);
  } finally {
    source.close();
  }
  const copy = new Database(to);
  try {
    // One file, that can be read where nothing can be written.
    copy.pragma('journal_mode = delete');
  } catch (error) {
    throw translateSqliteError(error, from);
  } finally {
    copy.close();
  }
}

/** What is wrong with a copy is wrong with what was copied. */
function openCopy(path: string, from: string): Store {
  try {
    return openStore(path);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const { hint } = error;
    const code = error.code === 'NOT_A_REPOSITORY' ? 'STORE_CORRUPT' : error.code;
    throw new SyncError(code, error.message.replaceAll(path, from), { ...(hint ? { hint } : {}), cause: error });
  }
}

/** The source was read by then. */
function isUnwritable(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY|FULL)/.test(error.code);
}

async function fillStore(from: string, path: string): Promise<void> {
  if (!isDatabase(path)) {
    mkdirSync(dirname(path), { recursive: true });
    removeStore(path);
    renameSync(from, path);
    inWal(path);
    return;
  }
  const mark = crypto.randomUUID();
  const source = open(from, false);
  try {
    source.prepare('insert or replace into settings (key, value) values (?, ?)').run(MARK, mark);
    const deadline = Date.now() + PATIENCE_MS;
    do {
      // In one step that locks the store: those who have it open see all of it before, or all of it after.
      await source.backup(path, { progress: () => ALL_PAGES });
      if (markOf(path) === mark) return inWal(path);
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (Date.now() < deadline);
    throw busy(path);
  } catch (error) {
    throw translateSqliteError(error, path);
  } finally {
    source.close();
  }
}

async function keepStore(path: string, to: string): Promise<string> {
  try {
    await copyStore(path, to);
  } catch (error) {
    if (!(error instanceof SyncError) || !error.code.startsWith('STORE_') || error.code === 'STORE_BUSY') throw error;
    copyFileSync(path, to);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${to}-wal`);
  }
  return to;
}

function removeStore(path: string): void {
  for (const companion of ['', ...COMPANIONS]) rmSync(`${path}${companion}`, { force: true });
}

/** A copy takes seconds; what is this old was left by a process that was killed. */
const STALE_MS = 10 * 60 * 1000;

function findLeftovers(path: string): string[] {
  const folder = dirname(path);
  const name = basename(path);
  const isDraft = (entry: string) =>
    entry.startsWith(`${name}.`) && (/\.restoring-\d+-[0-9a-f]+$/.test(entry) || /\.[0-9a-f-]{36}\.tmp$/.test(entry));
  return readdirSync(folder)
    .filter(isDraft)
    .map((entry) => join(folder, entry))
    .filter((file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > STALE_MS);
}

function findCopies(path: string): string[] {
  const name = basename(path);
  const isCopy = (entry: string) =>
    entry.startsWith(`${name}.`) && !COMPANIONS.some((ending) => entry.endsWith(ending));
  return readdirSync(dirname(path))
    .filter(isCopy)
    .sort()
    .map((entry) => join(dirname(path), entry));
}

function open(path: string, readonly = true): Database.Database {
  try {
    return new Database(path, { readonly, fileMustExist: true, timeout: PATIENCE_MS });
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}

/** A file that is none cannot be written through SQLite, and nobody can be working in it. */
function isDatabase(path: string): boolean {
  if (!existsSync(path) || statSync(path).size === 0) return false;
  try {
    const database = open(path);
    try {
      database.pragma('schema_version');
      return true;
    } finally {
      database.close();
    }
  } catch (error) {
    const known = translateSqliteError(error, path);
    if (known instanceof SyncError && known.code === 'STORE_CORRUPT') return false;
    throw known;
  }
}

function markOf(path: string): unknown {
  const database = open(path);
  try {
    return database.prepare('select value from settings where key = ?').pluck().get(MARK);
  } catch {
    return undefined;
  } finally {
    database.close();
  }
}

/** Readers and a writer may work at once in it, as in every project's store. */
function inWal(path: string): void {
  const database = open(path, false);
  try {
    database.pragma('journal_mode = wal');
  } catch {
    // Somebody reads it just now; it works all the same.
  } finally {
    database.close();
  }
}

function refuseTaken(path: string, overwrite: boolean): void {
  // SQLite would apply them to whatever database is put there: those of a store in use, or of one that was killed.
  const companion = COMPANIONS.find((ending) => existsSync(path + ending));
  if (companion) {
    throw new SyncError(
      'FILE_UNWRITABLE',
      `${path} is a database that somebody works in: ${path}${companion} is there`,
      {
        hint: "Name another file. The contents of a project's store are replaced by 'agent sync restore' alone.",
      },
    );
  }
  if (overwrite || !existsSync(path)) return;
  throw new SyncError('FILE_UNWRITABLE', `${path} is there already`, {
    hint: "Name another file, or add '--force' if it may be replaced.",
  });
}

function busy(path: string): SyncError {
  return new SyncError(
    'STORE_BUSY',
    `the store ${path} is being written by another process, which did not finish in time`,
    {
      hint: 'Nothing was changed. Try again; if it stays, look for an agent process that hangs.',
    },
  );
}

function failure(error: unknown, path: string): unknown {
  if (error instanceof SyncError) return error;
  // better-sqlite3 reports a missing folder as a TypeError.
  if (error instanceof TypeError || (error as NodeJS.ErrnoException).syscall !== undefined) {
    return unwritable(path, error as Error);
  }
  return translateSqliteError(error, path);
}

function unwritable(path: string, cause: Error): SyncError {
  return new SyncError('FILE_UNWRITABLE', `cannot write ${path}: ${cause.message}`, { cause });
}
