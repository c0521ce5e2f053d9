import { objectsOfMergeChange } from '../core/merge/merge-change.js';
import type { Oid } from '../core/object/oid.js';
import type {
  BaseChange,
  DiskChange,
  MergeChange,
  Operation,
  OperationStart,
  OperationStore,
  RefMove,
  RefName,
} from '../core/ports.js';
import { fromColumn, fromNullable, type OidColumn, toNullable } from './columns.js';
import type { Connection } from './connection.js';
import type { OperationRecorder } from './operation-recorder.js';

interface OperationRow {
  readonly id: number;
  readonly command: string;
  readonly actor: string;
  readonly time: number;
  readonly undoes: number | null;
  readonly merge: string | null;
  readonly base: string | null;
  readonly files: number;
  readonly closed: number;
}

interface MoveRow {
  readonly ref: RefName;
  readonly before: OidColumn | null;
  readonly after: OidColumn | null;
  readonly message: string;
}

interface PathRow {
  readonly operation: number;
  readonly path: string;
  readonly before: OidColumn | null;
  readonly after: OidColumn | null;
}

const OPERATIONS = `
  select *, (select count(*) from operation_paths where operation = id and before is not after) as files from operations`;

/** What was done in a store, in the tables `operations` and `operation_paths` and beside the reflog. */
export class SqliteOperations implements OperationStore {
  readonly #db: Connection;
  readonly #recorder: OperationRecorder;

  constructor(db: Connection, recorder: OperationRecorder) {
    this.#db = db;
    this.#recorder = recorder;
  }

  begin(operation: OperationStart): () => void {
    return this.#recorder.begin(operation);
  }

  recordDisk(changes: readonly DiskChange[], base?: BaseChange): void {
    this.#db.transact(() => {
      // That the base moves is no operation by itself: it says which commit the same files come from.
      const id = changes.length > 0 ? this.#recorder.current() : this.#recorder.written;
      if (id === null || id === undefined) return;
      for (const { path, before, after } of changes) {
        this.#db.run(
          `insert into operation_paths (operation, path, before, after) values (?, ?, ?, ?)
           on conflict do update set after = excluded.after`,
          id,
          path,
          toNullable(before),
          toNullable(after),
        );
      }
      if (base) this.#recordBase(id, base);
    });
  }

  recordUndo(undone: number): void {
    this.#db.transact(() => {
      this.#db.run('update operations set undoes = ? where id = ?', undone, this.#recorder.current());
    });
  }

  recordUnfollowed(): void {
    this.#db.transact(() => {
      this.#db.run('update operations set unfollowed = 1 where id = ?', this.#recorder.current());
    });
  }

  unfollowed(): Operation | undefined {
    return this.#read(`${OPERATIONS} where unfollowed = 1 order by id limit 1`)[0];
  }

  setFollowed(id: number): void {
    this.#db.run('update operations set unfollowed = 0 where id = ?', id);
  }

  get(id: number): Operation | undefined {
    return this.#read(`${OPERATIONS} where id = ?`, id)[0];
  }

  newestToUndo(): Operation | undefined {
    const undone = this.#undone();
    const rows = this.#db.all<{ id: number }>(
      'select id from operations where undoes is null and closed = 0 order by id desc',
    );
    const newest = rows.find(({ id }) => !undone.has(id));
    return newest && this.get(newest.id);
  }

  list({ limit = -1, after = 0 }: { readonly limit?: number; readonly after?: number } = {}): Operation[] {
    return this.#read(`${OPERATIONS} where id > ? order by id desc limit ?`, after, limit);
  }

  paths(id: number): DiskChange[] {
    const sql = 'select * from operation_paths where operation = ? and before is not after order by path';
    return this.#db.all<PathRow>(sql, id).map(({ path, before, after }) => ({
      path,
      before: fromNullable(before),
      after: fromNullable(after),
    }));
  }

  refsAfter(id: number): ReadonlyMap<RefName, Oid | null> {
    const rows = this.#db.all<Pick<MoveRow, 'ref' | 'before'>>(
      `select ref, before from reflog where entry > coalesce(
         (select max(entry) from reflog where operation <= @id),
         (select min(entry) - 1 from reflog where operation > @id),
         (select max(entry) from reflog))
       order by entry desc`,
      { id },
    );
    return new Map(rows.map(({ ref, before }) => [ref, fromNullable(before)]));
  }

  *oids(): Generator<{ readonly operation: number; readonly oid: Oid }> {
    const sql = `
      select operation, before, after from reflog where operation is not null
      union all select operation, before, after from operation_paths`;
    for (const { operation, before, after } of this.#db.all<PathRow>(sql)) {
      for (const oid of [before, after]) if (oid) yield { operation, oid: fromColumn(oid) };
    }
    for (const { id, merge, base } of this.#db.all<OperationRow>('select id, merge, base from operations')) {
      const named = [
        ...(merge === null ? [] : objectsOfMergeChange(JSON.parse(merge) as MergeChange)),
        ...(base === null ? [] : objectsOfBase(JSON.parse(base) as BaseChange)),
      ];
      for (const oid of named) yield { operation: id, oid };
    }
  }

  prune(time: number): number {
    return this.#db.transact(() => {
      const old = 'select id from operations where time < ? and unfollowed = 0';
      this.#db.run(`update reflog set operation = null where operation in (${old})`, time);
      this.#db.run(`delete from operation_paths where operation in (${old})`, time);
      return this.#db.run('delete from operations where time < ? and unfollowed = 0', time);
    });
  }

  #recordBase(id: number, { before, after }: BaseChange): void {
    const known = this.#db.get<{ base: string | null }>('select base from operations where id = ?', id)?.base;
    const first = known ? (JSON.parse(known) as BaseChange).before : before;
    this.#db.run('update operations set base = ? where id = ?', JSON.stringify({ before: first, after }), id);
  }

  #read(sql: string, ...values: readonly unknown[]): Operation[] {
    const rows = this.#db.all<OperationRow>(sql, ...values);
    if (rows.length === 0) return [];
    const undone = this.#undone();
    return rows.map(({ id, command, actor, time, undoes, merge, base, files, closed }) => ({
      id,
      command,
      actor,
      time,
      undoes,
      undoneBy: undone.get(id) ?? null,
      moves: this.#moves(id),
      merge: merge === null ? null : JSON.parse(merge),
      base: base === null ? null : JSON.parse(base),
      files,
      closed: closed === 1,
    }));
  }

  #moves(id: number): RefMove[] {
    const rows = this.#db.all<MoveRow>('select * from reflog where operation = ? order by entry', id);
    return rows.map(({ ref, before, after, message }) => ({
      name: ref,
      from: fromNullable(before),
      to: fromNullable(after),
      reason: message,
    }));
  }

  /** Which operation was undone by which; newest first, for one that was undone itself undoes nothing. */
  #undone(): ReadonlyMap<number, number> {
    const rows = this.#db.all<{ id: number; undoes: number }>(
      'select id, undoes from operations where undoes is not null order by id desc',
    );
    const undone = new Map<number, number>();
    for (const { id, undoes } of rows) if (!undone.has(id) && !undone.has(undoes)) undone.set(undoes, id);
    return undone;
  }
}

function objectsOfBase({ before, after }: BaseChange): Oid[] {
  return [before, after].flatMap((base) => (base ? [base.tree] : []));
}
