import type { Oid } from '../core/object/oid.js';
import type { AcceptedPush, ArtifactKind, OriginState, RefName } from '../core/ports.js';
import type { Connection } from './connection.js';

/** A receipt as JSON has it: the refs as pairs. */
type StoredReceipt = Omit<AcceptedPush, 'refs'> & { readonly refs: readonly (readonly [RefName, Oid])[] };

/** What a store remembers as an origin, in the tables `receipts`, `issued_ids` and `id_counters`. */
export class SqliteOriginState implements OriginState {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  receipt(pushId: string): AcceptedPush | undefined {
    const row = this.#db.get<{ answer: string }>('select answer from receipts where push = ?', pushId);
    if (!row) return undefined;
    const stored = JSON.parse(row.answer) as StoredReceipt;
    return { ...stored, refs: new Map(stored.refs) };
  }

  keepReceipt(pushId: string, answer: AcceptedPush): void {
    const stored: StoredReceipt = { ...answer, refs: [...answer.refs] };
    this.#db.run('insert into receipts (push, answer) values (?, ?)', pushId, JSON.stringify(stored));
  }

  issuedTo(requestId: string): string | undefined {
    return this.#db.get<{ id: string }>('select id from issued_ids where request = ?', requestId)?.id;
  }

  isIssued(kind: ArtifactKind, id: string): boolean {
    return this.#db.get('select 1 from issued_ids where kind = ? and id = ?', kind, id) !== undefined;
  }

  keepIssued(kind: ArtifactKind, id: string, requestId: string): void {
    this.#db.run('insert into issued_ids (kind, id, request) values (?, ?, ?)', kind, id, requestId);
  }

  lastNumber(kind: ArtifactKind, prefix: string): number {
    const sql = 'select last from id_counters where kind = ? and prefix = ?';
    return this.#db.get<{ last: number }>(sql, kind, prefix)?.last ?? 0;
  }

  keepLastNumber(kind: ArtifactKind, prefix: string, number: number): void {
    this.#db.run(
      'insert into id_counters values (?, ?, ?) on conflict do update set last = excluded.last',
      kind,
      prefix,
      number,
    );
  }
}
