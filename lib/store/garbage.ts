import { SyncError } from '../core/errors.js';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import type { ForgottenLogs, GarbageStore, LogExpiry, ObjectRoots, OperationStore, StoreSpace } from '../core/ports.js';
import { fromColumn, type OidColumn } from './columns.js';
import type { Connection } from './connection.js';

/** Columns that hold an id: 20 bytes, or null. */
const LIVE_COLUMNS = `
  select oid from refs union select ours from merge union select theirs from merge union select tree from merge
  union select oid from merge_before union select oid from merge_unfollowed`;
const LIVE_TEXTS = 'select rebase as text from merge';

/**
 * The last ones are kept however old they are: for who comes back after a long time, and for commands that began with what
 * others have replaced since.
 */
const KEPT = 32;
/** One that the disk has still to follow is kept as long as that. */
const RECENT_OPERATIONS = '(time >= @operations or unfollowed = 1)';
/** An operation can be undone by the moves of refs that it has in the reflog. */
const RECENT_REFLOG = `time >= @logs or entry in (
  select entry from reflog where operation in (select id from operations where ${RECENT_OPERATIONS})
  union all
  select entry from (select entry, row_number() over (partition by ref order by entry desc) as n from reflog)
  where n <= ${KEPT})`;
const REMEMBERED_COLUMNS = `
  select before as oid from reflog where ${RECENT_REFLOG} union select after from reflog where ${RECENT_REFLOG}
  union select before from operation_paths where operation in (select id from operations where ${RECENT_OPERATIONS})
  union select after from operation_paths where operation in (select id from operations where ${RECENT_OPERATIONS})
  union select preimage from rerere where time >= @resolutions
  union select postimage from rerere where time >= @resolutions`;
/** Texts with ids somewhere in them; a version in a conflict may be a submodule's, which no store has. */
const REMEMBERED_TEXTS = `
  select merge as text from operations where ${RECENT_OPERATIONS}
  union all select base from operations where ${RECENT_OPERATIONS}
  union all select intent from queue union all select value from settings
  union all select base from merge_conflicts union all select ours from merge_conflicts
  union all select theirs from merge_conflicts union all select resolution from merge_conflicts
  union all select partial from merge_conflicts`;

/** What looks like an id in a text keeps the object of that name; at worst one is kept too many. */
const OID = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g;

/** How long to wait for others before giving room back is left for another time, in milliseconds. */
const PATIENCE_MS = 200;

/** What is older is forgotten, in seconds since the epoch. */
interface Cutoffs extends LogExpiry {
  readonly operations: number;
}

/** Roots and rubbish of a store, in the table `unreachable` and every table that names objects. */
export class SqliteGarbage implements GarbageStore {
  readonly #db: Connection;

  readonly #operations: OperationStore;

  constructor(db: Connection, operations: OperationStore) {
    this.#db = db;
    this.#operations = operations;
  }

  roots(asked: LogExpiry): ObjectRoots {
    const expiry = this.#cutoffs(asked);
    const live = [...this.#columns(LIVE_COLUMNS), ...this.#texts(LIVE_TEXTS)];
    const remembered = [...this.#columns(REMEMBERED_COLUMNS, expiry), ...this.#texts(REMEMBERED_TEXTS, expiry)];
    return { live: [...new Set(live)], remembered: [...new Set(remembered)] };
  }

  oldLogs(asked: LogExpiry): ForgottenLogs {
    const expiry = this.#cutoffs(asked);
    const count = (from: string) => this.#db.get<{ n: number }>(`select count(*) as n from ${from}`, expiry)!.n;
    return {
      reflog: count(`reflog where not (${RECENT_REFLOG})`),
      operations: count(`operations where not ${RECENT_OPERATIONS}`),
      resolutions: count('rerere where time < @resolutions'),
    };
  }

  forgetLogs(asked: LogExpiry): void {
    this.#db.transact(() => {
      const expiry = this.#cutoffs(asked);
      this.#db.run(`delete from reflog where not (${RECENT_REFLOG})`, expiry);
      this.#operations.prune(expiry.operations);
      this.#db.run('delete from rerere where time < @resolutions', expiry);
    });
  }

  forgetLocal(): void {
    this.#db.transact(() => {
      this.#db.run('delete from operation_paths');
      this.#db.run('delete from operations');
      this.#db.run("delete from reflog where ref not like 'refs/remotes/%'");
      this.#db.run('delete from rerere');
    });
  }

  noted(): ReadonlyMap<Oid, number> {
    const rows = this.#db.all<{ oid: OidColumn; since: number }>('select oid, since from unreachable');
    return new Map(rows.map(({ oid, since }) => [fromColumn(oid), since]));
  }

  note(oids: Iterable<Oid>, since: number): void {
    this.#each(oids, (oid) => {
      this.#db.run('insert into unreachable (oid, since) values (?, ?) on conflict do nothing', oid, since);
    });
  }

  unnote(oids: Iterable<Oid>): void {
    this.#each(oids, (oid) => this.#db.run('delete from unreachable where oid = ?', oid));
  }

  sizeOf(oids: Iterable<Oid>): number {
    let bytes = 0;
    for (const oid of oids) {
      const row = this.#db.get<{ bytes: number }>(
        'select length(body) as bytes from objects where oid = ?',
        oidToBytes(oid),
      );
      bytes += row?.bytes ?? 0;
    }
    return bytes;
  }

  remove(oids: Iterable<Oid>): void {
    this.#each(oids, (oid) => {
      this.#db.run('delete from objects where oid = ?', oid);
      this.#db.run('delete from unreachable where oid = ?', oid);
      this.#db.run('delete from derived_commits where oid = ?', oid);
    });
  }

  space(): StoreSpace {
    const { page_size } = this.#db.get<{ page_size: number }>('pragma page_size')!;
    const { freelist_count } = this.#db.get<{ freelist_count: number }>('pragma freelist_count')!;
    const { page_count } = this.#db.get<{ page_count: number }>('pragma page_count')!;
    return { file: page_size * page_count, free: page_size * freelist_count };
  }

  compact(): boolean {
    const { timeout } = this.#db.get<{ timeout: number }>('pragma busy_timeout')!;
    // The copy that is made holds what other files must not.
    this.#db.execute(`pragma busy_timeout = ${PATIENCE_MS}; pragma temp_store = memory`);
    try {
      this.#db.execute('vacuum');
      // Only now does the file itself become shorter.
      return this.#db.get<{ busy: number }>('pragma wal_checkpoint(truncate)')!.busy === 0;
    } catch (error) {
      if (error instanceof SyncError && (error.code === 'STORE_BUSY' || error.code === 'STORE_FAILED')) return false;
      throw error;
    } finally {
      this.#db.execute(`pragma busy_timeout = ${timeout}`);
    }
  }

  #cutoffs({ logs, resolutions }: LogExpiry): Cutoffs {
    const sql = `select min(time) as oldest from (select time from operations order by id desc limit ${KEPT})`;
    const { oldest } = this.#db.get<{ oldest: number | null }>(sql)!;
    return { logs, operations: Math.min(logs, oldest ?? logs), resolutions };
  }

  #columns(sql: string, expiry?: Cutoffs): Oid[] {
    const rows = this.#db.all<{ oid: OidColumn | null }>(sql, ...(expiry ? [expiry] : []));
    return rows.flatMap(({ oid }) => (oid === null ? [] : [fromColumn(oid)]));
  }

  #texts(sql: string, expiry?: Cutoffs): Oid[] {
    const rows = this.#db.all<{ text: string | null }>(sql, ...(expiry ? [expiry] : []));
    return rows.flatMap(({ text }) => text?.match(OID) ?? []);
  }

  #each(oids: Iterable<Oid>, act: (oid: Uint8Array) => void): void {
    this.#db.transact(() => {
      for (const oid of oids) act(oidToBytes(oid));
    });
  }
}
