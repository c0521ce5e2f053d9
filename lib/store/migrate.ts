import { SyncError } from '../core/errors.js';
import type { Connection } from './connection.js';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';
import { corrupt } from './sqlite-error.js';

/** What a database needs before it is used as a store. */
export type SchemaDecision = 'ready' | 'create' | 'migrate' | 'too new' | 'foreign' | 'empty';

/** What the header and the table list of a database say. */
export interface SchemaFacts {
  readonly applicationId: number;
  readonly version: number;
  readonly tables: number;
}

/** Decides what to do with a database: only an empty one may be made into a store, and only when asked. */
export function planSchema(facts: SchemaFacts, create: boolean): SchemaDecision {
  if (facts.applicationId === APPLICATION_ID) {
    if (facts.version > MIGRATIONS.length) return 'too new';
    return facts.version === MIGRATIONS.length ? 'ready' : 'migrate';
  }
  if (facts.tables > 0 || facts.applicationId !== 0) return 'foreign';
  return create ? 'create' : 'empty';
}

/**
 * Brings the schema of an opened database up to date.
 *
 * @throws {SyncError} `STORE_TOO_NEW`, `STORE_CORRUPT`
 */
export function migrate(
  connection: Connection,
  options: { readonly create: boolean; readonly journal: 'wal' | 'rollback'; readonly busyTimeoutMs: number },
): void {
  const facts = readFacts(connection);
  const decision = planSchema(facts, options.create);
  switch (decision) {
    case 'ready':
      return;
    case 'too new':
      throw tooNew(connection.path, facts.version);
    case 'foreign':
      throw corrupt(connection.path, 'is a database of another program');
    case 'empty':
      throw corrupt(connection.path, 'is empty');
    case 'create':
      connection.execute('pragma page_size = 8192');
      if (options.journal === 'wal') enterWal(connection, options.busyTimeoutMs);
  }
  connection.transact(() => {
    // Another process may have been first.
    const { version } = readFacts(connection);
    if (version > MIGRATIONS.length) throw tooNew(connection.path, version);
    for (const script of MIGRATIONS.slice(version)) connection.execute(script);
    connection.execute(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`);
  });
}

function readFacts(connection: Connection): SchemaFacts {
  // Tables first: whoever makes them sets the id in the same transaction, so an id that is read later is not missed.
  const { tables } = connection.get<{ tables: number }>('select count(*) as tables from sqlite_schema')!;
  const { application_id } = connection.get<{ application_id: number }>('pragma application_id')!;
  const { user_version } = connection.get<{ user_version: number }>('pragma user_version')!;
  return { applicationId: application_id, version: user_version, tables };
}

/** SQLite answers BUSY at once, whatever the timeout, when two processes change the journal mode together. */
function enterWal(connection: Connection, busyTimeoutMs: number): void {
  const deadline = Date.now() + busyTimeoutMs;
  for (;;) {
    try {
      connection.execute('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!(error instanceof SyncError && error.code === 'STORE_BUSY') || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function tooNew(path: string, version: number): SyncError {
  return new SyncError(
    'STORE_TOO_NEW',
    `the store ${path} has schema version ${version}; this agent-sync knows versions up to ${MIGRATIONS.length}`,
    { hint: 'Nothing was changed. Install the newer agent-sync that made it.' },
  );
}
