import type {
  Intent,
  QueueClaim,
  QueuedIntent,
  QueueFailure,
  QueueOutcome,
  QueueStatus,
  QueueStore,
} from '../core/ports.js';
import type { Connection } from './connection.js';

interface QueueRow {
  readonly id: number;
  readonly intent: string;
  readonly status: QueueStatus;
  readonly attempts: number;
  readonly not_before: number | null;
  readonly failure: string | null;
  readonly asked: number;
  readonly queued_at: number;
  readonly claim: string | null;
}

/** What waits for the origin, in the table `queue`. */
export class SqliteQueue implements QueueStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  list(): QueuedIntent[] {
    return this.#db.all<QueueRow>('select * from queue order by id').map(fromRow);
  }

  add(intent: Intent, time: number): QueuedIntent {
    const row = this.#db.get<QueueRow>(
      `insert into queue (intent, status, attempts, asked, queued_at) values (?, 'waiting', 0, 1, ?)
       on conflict (intent) do update set status = 'waiting', attempts = 0, not_before = null, failure = null,
         asked = asked + 1, queued_at = excluded.queued_at, claim = null
       returning *`,
      canonical(intent),
      time,
    );
    return fromRow(row!);
  }

  setClaim(id: number, claim: QueueClaim): void {
    this.#db.run('update queue set claim = ? where id = ?', JSON.stringify(claim), id);
  }

  finish({ id, asked }: QueuedIntent): void {
    this.#db.run('delete from queue where id = ? and asked = ?', id, asked);
  }

  putBack({ id, asked }: QueuedIntent, { status, attempts, notBefore, failure }: QueueOutcome): void {
    this.#db.run(
      `update queue set status = ?, attempts = ?, not_before = ?, failure = ?, claim = null where id = ? and asked = ?`,
      status,
      attempts,
      notBefore,
      failure && JSON.stringify(failure),
      id,
      asked,
    );
  }

  drop(id: number): boolean {
    return this.#db.run('delete from queue where id = ?', id) > 0;
  }
}

/** The same for the same intent, whatever the order of its properties. */
function canonical(intent: Intent): string {
  return JSON.stringify(Object.fromEntries(Object.entries(intent).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function fromRow(row: QueueRow): QueuedIntent {
  const { id, status, attempts, asked, not_before: notBefore, queued_at: queuedAt } = row;
  return {
    id,
    intent: JSON.parse(row.intent) as Intent,
    status,
    attempts,
    notBefore,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as QueueFailure),
    asked,
    queuedAt,
    claim: row.claim === null ? null : (JSON.parse(row.claim) as QueueClaim),
  };
}
