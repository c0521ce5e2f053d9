import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Client } from 'pg';
import { SyncError } from '../../core/errors.js';
import { databaseClient } from './database.js';
import { type Dependencies, packageRoot } from './dependencies.js';
import { SUPERUSER } from './postgres.js';

/** One file of `lib/origin/sql`, named `<version>_<name>.sql` as the Supabase CLI wants it. */
interface Migration {
  readonly version: string;
  readonly name: string;
  readonly sql: string;
}

/** What hosted projects have before any migration, and this one may have got from an earlier version, or not: the file that makes it. */
const HOSTED: readonly { readonly made: string; readonly file: string }[] = [
  { made: "to_regnamespace('auth')", file: 'bootstrap.sql' },
  { made: "to_regnamespace('realtime')", file: 'realtime.sql' },
  { made: "to_regclass('auth.sessions')", file: 'auth/auth.sql' },
];

/**
 * Makes a new database what a hosted project is, and applies the migrations it does not have yet, each whole or not
 * at all, as the role that hosted projects apply them with.
 *
 * @throws {SyncError} `ORIGIN_FAILED` naming the file and what PostgreSQL said
 */
export async function migrate(pg: Dependencies['pg'], sockets: string): Promise<void> {
  await withClient(databaseClient(pg, sockets, SUPERUSER), async (superuser) => {
    for (const { made, file } of HOSTED) {
      const { rows } = await superuser.query(`select ${made} is null as missing`);
      if (rows[0].missing) await apply(superuser, file, sqlFile(`embedded/${file}`));
    }
  });
  await withClient(databaseClient(pg, sockets, 'postgres'), async (client) => {
    const { rows } = await client.query('select version from supabase_migrations.schema_migrations');
    const applied = new Set(rows.map((row) => row.version as string));
    for (const { version, name, sql } of listMigrations().filter((migration) => !applied.has(migration.version))) {
      await apply(client, `${version}_${name}.sql`, sql, () =>
        client.query(
          'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
          [version, name, [sql]],
        ),
      );
    }
  });
}

async function apply(client: Client, file: string, sql: string, record?: () => Promise<unknown>): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await record?.();
    await client.query('commit');
  } catch (cause) {
    throw new SyncError('ORIGIN_FAILED', `${file} could not be applied: ${(cause as Error).message}`, { cause });
  }
}

async function withClient<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function listMigrations(): Migration[] {
  const folder = originFile('sql');
  if (!folder) return [];
  return readdirSync(folder)
    .filter((file) => /^\d+_.+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const [version = '', ...rest] = basename(file, '.sql').split('_');
      return { version, name: rest.join('_'), sql: readFileSync(join(folder, file), 'utf8') };
    });
}

function sqlFile(path: string): string {
  return readFileSync(originFile(path) ?? path, 'utf8');
}

/** A checkout's own files come first: a copy in `dist` may be of an older build. */
function originFile(path: string): string | undefined {
  return ['lib/origin', 'dist/lib/origin'].map((folder) => join(packageRoot(), folder, path)).find(existsSync);
}
