import type { Client } from 'pg';

/** Has PostgreSQL forget what was erased, as long as it runs. */
export interface Vacuuming {
  close(): Promise<void>;
}

/** Tables out of which a purge takes something. */
const TABLES = [
  'objects',
  'actors',
  'members',
  'pseudonyms',
  'push_receipts',
  'push_chunks',
  'issued_ids',
  'invitations',
  'projects',
];

/**
 * Takes erased rows out of the files of the database: after each purge, and first what an earlier run did not get to.
 *
 * An update leaves the old row behind, and the log of the database holds both, until the tables are written anew and the log is
 * cut. Where the connection breaks the rest is for the next start.
 *
 * @param connect a client that is not connected yet
 */
export async function vacuumErased(connect: () => Client): Promise<Vacuuming> {
  const client = connect();
  let last = Promise.resolve();
  const vacuum = () => {
    last = last.then(() => vacuumOnce(client)).catch(() => {});
  };
  client.on('notification', vacuum);
  client.on('error', () => {});
  await client.connect();
  await client.query('listen agent_sync_erased');
  vacuum();
  return {
    close: async () => {
      await last;
      await client.end().catch(() => {});
    },
  };
}

async function vacuumOnce(client: Client): Promise<void> {
  const { rows } = await client.query('select project, number from agent_sync.erasures where not vacuumed');
  if (rows.length === 0) return;
  for (const table of TABLES) await client.query(`vacuum (full) agent_sync.${table}`);
  // The planner's samples are copies of values. They are taken anew when somebody analyzes.
  await client.query(
    `delete from pg_catalog.pg_statistic s using pg_catalog.pg_class c
      where c.oid = s.starelid and c.relnamespace = 'agent_sync'::regnamespace`,
  );
  await client.query('vacuum (full) pg_catalog.pg_statistic');
  // What is in an older segment than the checkpoint's goes with it: see `wal_recycle` in postgres.ts.
  await client.query('select pg_switch_wal()');
  await client.query('checkpoint');
  for (const { project, number } of rows) {
    await client.query('update agent_sync.erasures set vacuumed = true where project = $1 and number = $2', [
      project,
      number,
    ]);
  }
}
