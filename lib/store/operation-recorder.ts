import { compareMerges } from '../core/merge/merge-change.js';
import type { OperationStart, RecordedMerge } from '../core/ports.js';
import { lastOwnActor } from './actors.js';
import type { Connection, TransactionObserver } from './connection.js';

/** The row of the operation under way, and what the merge in progress was before its first change of that. */
interface WrittenOperation {
  readonly id: number;
  readonly mergeBefore?: { readonly state: RecordedMerge | null };
}

/**
 * Knows which operation is under way, and writes its row in the transaction of its first change: a process that is killed leaves
 * neither an operation that did nothing nor a change without one.
 */
export class OperationRecorder implements TransactionObserver {
  readonly #db: Connection;
  #begun: OperationStart | undefined;
  /** How many have begun and not ended; the first one names the operation. */
  #depth = 0;
  #written: WrittenOperation | undefined;
  /** What was written before the transaction under way, which may be rolled back. */
  #writtenBefore: WrittenOperation | undefined;
  /** The change of the merge in progress that this transaction makes: the operation may end sooner. */
  #mergeChange:
    | { readonly id: number; readonly before: RecordedMerge | null; readonly read: () => RecordedMerge | null }
    | undefined;

  constructor(db: Connection) {
    this.#db = db;
    db.observe(this);
  }

  begin(operation: OperationStart): () => void {
    const outer = { begun: this.#begun, depth: this.#depth, written: this.#written };
    const isFirst = this.#depth === 0 || operation.apart === true;
    if (isFirst) [this.#begun, this.#depth, this.#written] = [operation, 0, undefined];
    this.#depth += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.#depth > 0) return;
      [this.#begun, this.#depth, this.#written] = [outer.begun, outer.depth, outer.written];
    };
  }

  /**
   * The operation that a change belongs to; null when none has begun. Wants to be in a transaction.
   *
   * @param actor who makes the change; whoever made the last one here, where it does not say
   */
  current(actor?: string): number | null {
    if (!this.#begun) return null;
    if (!this.#written) {
      const { command, time } = this.#begun;
      const sql = 'insert into operations (command, actor, time) values (?, ?, ?)';
      this.#written = { id: this.#db.insert(sql, command, actor ?? lastOwnActor(this.#db) ?? 'nobody', time) };
    }
    return this.#written.id;
  }

  /** The operation under way, if it has changed anything yet. */
  get written(): number | undefined {
    return this.#written?.id;
  }

  /** Has to be told before the merge in progress changes. */
  mergeChanges(read: () => RecordedMerge | null): void {
    const id = this.current();
    if (id === null) return;
    const { state: before } = this.#written?.mergeBefore ?? { state: read() };
    this.#written = { id, mergeBefore: { state: before } };
    this.#mergeChange = { id, before, read };
  }

  begun(): void {
    this.#writtenBefore = this.#written;
  }

  committing(): void {
    if (!this.#mergeChange) return;
    const { id, before, read } = this.#mergeChange;
    const change = compareMerges(before, read());
    this.#db.run('update operations set merge = ? where id = ?', change && JSON.stringify(change), id);
  }

  ended(committed: boolean): void {
    if (!committed) this.#written = this.#writtenBefore;
    this.#mergeChange = undefined;
  }
}
