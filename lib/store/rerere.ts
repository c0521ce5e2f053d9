import { type Oid, oidToBytes } from '../core/object/oid.js';
import type { RecordedResolution, RerereStore } from '../core/ports.js';
import { fromColumn, type OidColumn } from './columns.js';
import type { Connection } from './connection.js';

interface RerereRow {
  readonly preimage: OidColumn;
  readonly postimage: OidColumn;
  readonly time: number;
}

/** The resolutions that were recorded, in the table `rerere`. */
export class SqliteRerere implements RerereStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  find(conflict: Oid): RecordedResolution[] {
    const rows = this.#db.all<RerereRow>(
      'select preimage, postimage, time from rerere where conflict = ? order by time desc, preimage',
      oidToBytes(conflict),
    );
    return rows.map(({ preimage, postimage, time }) => ({
      preimage: fromColumn(preimage),
      postimage: fromColumn(postimage),
      time,
    }));
  }

  record(conflict: Oid, { preimage, postimage, time }: RecordedResolution): void {
    this.#db.run(
      `insert into rerere (conflict, preimage, postimage, time) values (?, ?, ?, ?)
       on conflict do update set postimage = excluded.postimage, time = excluded.time`,
      oidToBytes(conflict),
      oidToBytes(preimage),
      oidToBytes(postimage),
      time,
    );
  }
}
