import { createClient } from '@supabase/supabase-js';
import ws from 'ws';
import { databaseClient } from '../../lib/origin/embedded/database.js';
import { loadDependencies } from '../../lib/origin/embedded/dependencies.js';
import { layoutOf } from '../../lib/origin/embedded/layout.js';
import { SUPERUSER } from '../../lib/origin/embedded/postgres.js';
import { readRecord } from '../../lib/origin/embedded/record.js';
import type { GeneratedArtifact } from './artifacts.js';

/** A table of paths and texts at the origin, used as one would without agent-sync: no history, no checks, no policies. */
export interface PlainTable {
  clear(): Promise<void>;
  upsert(artifacts: readonly GeneratedArtifact[]): Promise<void>;
  /** @returns how many rows there are */
  selectAll(): Promise<number>;
  close(): Promise<void>;
}

// 3 MB a request: hosted projects want them below 4 to 8 MB.
const UPSERT_ROWS = 500;
/** PostgREST cuts answers there. */
const SELECT_ROWS = 1000;

/** Makes the table at the embedded origin in `directory`, and connects to it as a user does. */
export async function openPlainTable(
  directory: string,
  { url, key, token }: { readonly url: string; readonly key: string; readonly token: string },
): Promise<PlainTable> {
  const { pg } = await loadDependencies();
  const database = databaseClient(pg, readRecord(layoutOf(directory))!.sockets, SUPERUSER);
  await database.connect();
  await database.query(`
    create table if not exists public.bench_artifacts (path text primary key, content text not null);
    grant select, insert, update on public.bench_artifacts to authenticated;
    notify pgrst, 'reload schema'`);
  const client = createClient(url, key, { accessToken: async () => token, realtime: { transport: ws as never } });
  const table = () => client.from('bench_artifacts');

  const selectAll = async () => {
    let count = 0;
    for (let from = 0; ; from += SELECT_ROWS) {
      const range = [from, from + SELECT_ROWS - 1] as const;
      const { data } = await table()
        .select()
        .order('path')
        .range(...range)
        .throwOnError();
      count += data.length;
      if (data.length < SELECT_ROWS) return count;
    }
  };
  // A reload of the schema is not waited for by the notification.
  while ((await table().select().limit(1)).error) await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    clear: async () => void (await database.query('truncate public.bench_artifacts')),
    async upsert(artifacts) {
      const rows = artifacts.map(({ path, text }) => ({ path, content: text }));
      for (let from = 0; from < rows.length; from += UPSERT_ROWS) {
        await table()
          .upsert(rows.slice(from, from + UPSERT_ROWS))
          .throwOnError();
      }
    },
    selectAll,
    close: () => database.end(),
  };
}
