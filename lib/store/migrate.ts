import { SyncError } from '../core/errors.js';
import type { Connection } from './connection.js';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';
import { corrupt } from './sqlite-error.js';

/** What the header and the table list of a database say. */
interface SchemaFacts {
  readonly applicationId: number;
  readonly version: number;
  readonly tables: number;
}

/** What a database needs before it is used as a store; the last three cannot be helped. */
type SchemaDecision = 'nothing' | 'create' | 'migrate' | 'too new' | 'foreign' | 'empty';

/** Decides what to do with a database: only an empty one may be made into a store, and only when asked. */
function planSchema({ applicationId, version, tables }: SchemaFacts, create: boolean): SchemaDecision {
  if (applicationId === APPLICATION_ID) {
    if (version > MIGRATIONS.length) return 'too new';
    return version === MIGRATIONS.length ? 'nothing' : 'migrate';
  }
  if (tables > 0 || applicationId !== 0) return 'foreign';
  return create ? 'create' : 'empty';
}

/** How to make a store where there is none. */
interface MigrateOptions {
  readonly create: boolean;
  readonly journal: 'wal' | 'rollback';
  readonly busyTimeoutMs: number;
}

/**
 * Brings the schema of an opened database up to date.
 *
 * @throws {SyncError} `STORE_TOO_NEW`, `STORE_CORRUPT`
 */
export function migrate(connection: Connection, { create, journal, busyTimeoutMs }: MigrateOptions): void {
  const decision = decide(connection, readFacts(connection), create);
  if (decision === 'nothing') return;
  if (decision === 'create') {
    connection.execute('pragma page_size = 8192');
    if (journal === 'wal') enterWal(connection, busyTimeoutMs);
  }
  connection.transact(() => {
    const facts = readFacts(connection);
    // Another process may have been first.
    if (decide(connection, facts, create) === 'nothing') return;
    for (const script of MIGRATIONS.slice(facts.version)) connection.execute(script);
    connection.execute(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`);
  });
}

function decide({ path }: Connection, facts: SchemaFacts, create: boolean): 'nothing' | 'create' | 'migrate' {
  const decision = planSchema(facts, create);
  switch (decision) {
    case 'too new':
      throw new SyncError(
        'STORE_TOO_NEW',
        `the store ${path} has schema version ${facts.version}; this agent-sync knows versions up to ${MIGRATIONS.length}`,
        { hint: 'Nothing was changed. Install the newer agent-sync that made it.' },
      );
    case 'foreign':
      throw corrupt(path, 'is a database of another program');
    case 'empty':
      throw new SyncError(
        'NOT_A_REPOSITORY',
        `the store ${path} is empty: making it was broken off, or what it held is lost`,
        {
          hint: "Run 'agent sync init' to make it; what the origin has is fetched then.",
        },
      );
    default:
      return decision;
  }
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
