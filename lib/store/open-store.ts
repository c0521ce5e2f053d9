import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SyncError } from '../core/errors.js';
import type { Store } from '../core/ports.js';
import { SqliteActors } from './actors.js';
import { SqliteArtifactIndex } from './artifact-index.js';
import { SqliteAudit } from './audit.js';
import { Connection } from './connection.js';
import { SqliteErasures } from './erasures.js';
import { SqliteGarbage } from './garbage.js';
import { SqliteMergeState } from './merge-state.js';
import { SqliteMetrics } from './metrics.js';
import { migrate } from './migrate.js';
import { SqliteObjects } from './objects.js';
import { OperationRecorder } from './operation-recorder.js';
import { SqliteOperations } from './operations.js';
import { SqliteOriginState } from './origin-state.js';
import { SqliteQueue } from './queue.js';
import { SqliteRefs } from './refs.js';
import { SqliteRerere } from './rerere.js';
import { SqliteSettings } from './settings.js';
import { translateSqliteError } from './sqlite-error.js';
import { SqliteStatCache } from './stat-cache.js';

/** How to open a store. */
export interface OpenStoreOptions {
  /** Makes the store when there is none; false by default. */
  readonly create?: boolean;
  /**
   * How a store that is made here keeps its journal. `wal`, the default, lets readers and a writer work at once, but
   * only processes of one machine; `rollback` also works where a network file system has locks.
   *
   * @see https://www.sqlite.org/wal.html
   */
  readonly journal?: 'wal' | 'rollback';
  /** How long to wait for another process that writes, in milliseconds; 5000 by default. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the store in the file `path`, bringing its schema up to date.
 *
 * @throws {SyncError} `NOT_A_REPOSITORY` when there is none and `create` is not set, `STORE_TOO_NEW`, `STORE_CORRUPT`,
 *   `STORE_BUSY`, `STORE_FAILED`; the first failure changes nothing
 */
export function openStore(path: string, options: OpenStoreOptions = {}): Store {
  const { create = false, journal = 'wal', busyTimeoutMs = 5000 } = options;
  const connection = connect(path, create, busyTimeoutMs);
  try {
    // A commit that was reported done survives a power cut, as git's does: files on disk are overwritten on the word of it.
    connection.execute('pragma synchronous = full');
    migrate(connection, { create, journal, busyTimeoutMs });
  } catch (error) {
    connection.close();
    throw error;
  }
  const recorder = new OperationRecorder(connection);
  const operations = new SqliteOperations(connection, recorder);
  return {
    objects: new SqliteObjects(connection),
    refs: new SqliteRefs(connection, recorder),
    merge: new SqliteMergeState(connection, recorder),
    rerere: new SqliteRerere(connection),
    operations,
    queue: new SqliteQueue(connection),
    audit: new SqliteAudit(connection),
    index: new SqliteArtifactIndex(connection),
    actors: new SqliteActors(connection),
    settings: new SqliteSettings(connection),
    stats: new SqliteStatCache(connection),
    metrics: new SqliteMetrics(connection),
    garbage: new SqliteGarbage(connection, operations),
    erasures: new SqliteErasures(connection),
    origin: new SqliteOriginState(connection),
    transact: (work) => connection.transact(work),
    snapshot: (work) => connection.snapshot(work),
    integrityProblems: () => integrityProblems(connection),
    close: () => connection.close(),
  };
}

function connect(path: string, create: boolean, busyTimeoutMs: number): Connection {
  try {
    return new Connection(new Database(path, { fileMustExist: !create, timeout: busyTimeoutMs }), path);
  } catch (error) {
    if (!create && !existsSync(path)) {
      throw new SyncError('NOT_A_REPOSITORY', `there is no store at ${path}`, {
        hint: 'Run `agent sync init` to make one.',
        cause: error,
      });
    }
    // better-sqlite3 reports a missing folder as a TypeError.
    if (error instanceof TypeError) {
      throw new SyncError('STORE_FAILED', `the store ${path} cannot be made: its folder does not exist`, {
        cause: error,
      });
    }
    throw translateSqliteError(error, path);
  }
}

function integrityProblems(connection: Connection): string[] {
  const lines = connection.all<{ integrity_check: string }>('pragma integrity_check').map((row) => row.integrity_check);
  return lines.filter((line) => line !== 'ok');
}
