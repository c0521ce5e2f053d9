import { chainEntry } from '../core/audit/chain.js';
import type { AuditEntry, AuditFacts, AuditHead, AuditQuery, AuditStore } from '../core/ports.js';
import type { Connection } from './connection.js';
import { hashTextNatively } from './hash.js';

/** As many as an origin sends at once. */
const PAGE = 500;

/** What was done in this store, or for others where it is an origin, in the table `audit`. */
export class SqliteAudit implements AuditStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  append(facts: AuditFacts): AuditHead {
    return this.#db.transact(() => {
      const entry = chainEntry(this.head(), facts, hashTextNatively);
      this.#db.run(
        `insert into audit (number, at, actor, action, result, detail, client, traceparent, previous, hash)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[entry.number, entry.at, entry.actor, entry.action, entry.result, entry.detail],
        ...[entry.client, entry.traceparent, entry.previous, entry.hash],
      );
      return { number: entry.number, hash: entry.hash };
    });
  }

  read({ after, since = '' }: AuditQuery): AuditEntry[] {
    return this.#db.all<AuditEntry>(
      `select number, at, actor, action, result, detail, client, traceparent, previous, hash
       from audit where number > ? and at >= ? order by number limit ${PAGE}`,
      after,
      since,
    );
  }

  head(): AuditHead | undefined {
    return this.#db.get<AuditHead>('select number, hash from audit order by number desc limit 1');
  }

  lastNumber(): number {
    return this.#db.get<{ seq: number }>(`select seq from sqlite_sequence where name = 'audit'`)?.seq ?? 0;
  }
}
