/** Stores as time, an earlier version of agent-sync, or a mistake leaves them. */
import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { APPLICATION_ID, MIGRATIONS } from '../../lib/store/schema.js';

/** Turns a store into what the first version of agent-sync would have made of the same history. */
export function makeOld(path: string): void {
  const old = new Database(`${path}.old`);
  old.pragma('page_size = 8192');
  old.pragma('journal_mode = wal');
  old.exec(MIGRATIONS[0]!);
  old.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = 1`);
  old.prepare('attach ? as new').run(path);
  for (const table of tablesOf(old)) {
    const columns = old
      .prepare(`select name from pragma_table_info('${table}')`)
      .pluck()
      .all()
      .map((name) => `"${name}"`)
      .join();
    old.exec(`insert or replace into main.${table} (${columns}) select ${columns} from new.${table}`);
  }
  old.exec('detach new');
  old.close();
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true });
  renameSync(`${path}.old`, path);
}

function tablesOf(db: Database.Database): string[] {
  const sql = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'";
  return db.prepare(sql).pluck().all() as string[];
}

/** Lets the logs of a store forget everything, as after 90 days, so that nothing but its refs names objects. */
export function dropLogs(path: string): void {
  const db = new Database(path);
  db.exec('delete from reflog; delete from operations; delete from operation_paths; delete from rerere');
  db.close();
}

/** Lets the derived tables say what is not so. */
export function spoilIndex(path: string): void {
  const db = new Database(path);
  db.exec("update derived_versions set version = version + 1; update derived_artifacts set state = 'LOST'");
  db.close();
}
