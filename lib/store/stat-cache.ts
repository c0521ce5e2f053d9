import { type Oid, oidToBytes } from '../core/object/oid.js';
import type { CachedStat, StatCache } from '../core/ports.js';
import type { Connection } from './connection.js';

interface StatRow {
  readonly path: string;
  readonly oid: Oid;
  readonly size: bigint;
  readonly mtime_ns: bigint;
  readonly ctime_ns: bigint;
  readonly ino: bigint;
}

/** What lstat said about the files on disk, in the table `stat_cache`. */
export class SqliteStatCache implements StatCache {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  load(): Map<string, CachedStat> {
    const rows = this.#db.allBigInt<StatRow>(
      'select path, lower(hex(oid)) as oid, size, mtime_ns, ctime_ns, ino from stat_cache',
    );
    return new Map(rows.map((row) => [row.path, fromRow(row)]));
  }

  save(entries: ReadonlyMap<string, CachedStat | null>): void {
    this.#db.transact(() => {
      for (const [path, stat] of entries) {
        if (stat) this.#put(path, stat);
        else this.#db.run('delete from stat_cache where path = ?', path);
      }
    });
  }

  #put(path: string, { oid, size, mtimeNs, ctimeNs, ino }: CachedStat): void {
    this.#db.run(
      'insert or replace into stat_cache (path, oid, size, mtime_ns, ctime_ns, ino) values (?, ?, ?, ?, ?, ?)',
      path,
      oidToBytes(oid),
      size,
      mtimeNs,
      ctimeNs,
      // SQLite's integers are signed; some file systems use all 64 bits.
      BigInt.asIntN(64, ino),
    );
  }
}

function fromRow(row: StatRow): CachedStat {
  return {
    oid: row.oid,
    size: Number(row.size),
    mtimeNs: row.mtime_ns,
    ctimeNs: row.ctime_ns,
    ino: BigInt.asUintN(64, row.ino),
  };
}
