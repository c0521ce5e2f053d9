import type Database from 'better-sqlite3';
import { translateSqliteError } from './sqlite-error.js';

/** What wants to know how transactions go; those that join another are part of that one. */
export interface TransactionObserver {
  begun(): void;
  /** The last chance to write something. */
  committing(): void;
  ended(committed: boolean): void;
}

/** One open database: statements prepared once each, joined transactions, and failures that a user can read. */
export class Connection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  /** What an inner `transact` threw: the whole transaction is lost, even when the outer one caught it. */
  #failure: { readonly error: unknown } | undefined;
  #observer: TransactionObserver | undefined;

  constructor(
    database: Database.Database,
    /** For messages. */
    readonly path: string,
  ) {
    this.#database = database;
  }

  /** @returns the first row */
  get<Row>(sql: string, ...values: readonly unknown[]): Row | undefined {
    return this.#translating(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  /** @returns all rows */
  all<Row>(sql: string, ...values: readonly unknown[]): Row[] {
    return this.#translating(() => this.#prepare(sql).all(...values) as Row[]);
  }

  /** @returns all rows, integers as `bigint` */
  allBigInt<Row>(sql: string, ...values: readonly unknown[]): Row[] {
    return this.#translating(
      () =>
        this.#prepare(sql)
          .safeIntegers()
          .all(...values) as Row[],
    );
  }

  /** Rows one at a time; nothing may be written before the last of them. */
  *iterate<Row>(sql: string, ...values: readonly unknown[]): Generator<Row> {
    try {
      yield* this.#prepare(sql).iterate(...values) as IterableIterator<Row>;
    } catch (error) {
      throw translateSqliteError(error, this.path);
    }
  }

  /** @returns how many rows changed */
  run(sql: string, ...values: readonly unknown[]): number {
    return this.#translating(() => this.#prepare(sql).run(...values).changes);
  }

  /** Runs a script of several statements. */
  execute(script: string): void {
    this.#translating(() => this.#database.exec(script));
  }

  /** Runs `work` in one `BEGIN IMMEDIATE` transaction; nested calls join the outer one, and a throw undoes all of it. */
  transact<T>(work: () => T): T {
    if (this.#database.inTransaction) return this.#join(work);
    this.run('begin immediate');
    let committed = false;
    try {
      this.#observer?.begun();
      const result = work();
      if (this.#failure) throw this.#failure.error;
      this.#observer?.committing();
      this.run('commit');
      committed = true;
      return result;
    } catch (error) {
      // SQLite ends the transaction by itself when the disk is full or fails.
      if (this.#database.inTransaction) this.run('rollback');
      throw error;
    } finally {
      this.#failure = undefined;
      this.#observer?.ended(committed);
    }
  }

  /** Has somebody told of every transaction from now on. */
  observe(observer: TransactionObserver): void {
    this.#observer = observer;
  }

  /** @returns the number that the last inserted row got */
  insert(sql: string, ...values: readonly unknown[]): number {
    return this.#translating(() => Number(this.#prepare(sql).run(...values).lastInsertRowid));
  }

  /** Reads one state of the database, whatever others write meanwhile; `work` writes nothing. */
  snapshot<T>(work: () => T): T {
    if (this.#database.inTransaction) return work();
    this.run('begin');
    try {
      return work();
    } finally {
      this.run('rollback');
    }
  }

  close(): void {
    this.#translating(() => this.#database.close());
  }

  #join<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #translating<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw translateSqliteError(error, this.path);
    }
  }
}
