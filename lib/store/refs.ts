import { SyncError } from '../core/errors.js';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import type { ObjectType, RefEdit, ReflogEntry, ReflogNote, RefName, RefStore } from '../core/ports.js';
import { HEAD, parseRefName } from '../core/ref/ref-name.js';
import { fromColumn, fromNullable, type OidColumn, toNullable } from './columns.js';
import type { Connection } from './connection.js';
import type { OperationRecorder } from './operation-recorder.js';

interface ReflogRow {
  readonly ref: RefName;
  readonly before: OidColumn | null;
  readonly after: OidColumn | null;
  readonly actor: string;
  readonly time: number;
  readonly message: string;
}

/** The refs of a store and their log, in the tables `refs` and `reflog`. */
export class SqliteRefs implements RefStore {
  readonly #db: Connection;
  readonly #recorder: OperationRecorder;

  constructor(db: Connection, recorder: OperationRecorder) {
    this.#db = db;
    this.#recorder = recorder;
  }

  get(name: RefName): Oid | undefined {
    const row = this.#db.get<{ oid: OidColumn }>('select oid from refs where name = ?', this.#resolve(name));
    return row && fromColumn(row.oid);
  }

  head(): RefName {
    return this.#db.get<{ symbolic: RefName }>('select symbolic from refs where name = ?', HEAD)!.symbolic;
  }

  list(prefix = ''): ReadonlyMap<RefName, Oid> {
    const rows = this.#db.all<{ name: RefName; oid: OidColumn }>(
      'select name, oid from refs where oid is not null and substr(name, 1, length(@prefix)) = @prefix order by name',
      { prefix },
    );
    return new Map(rows.map((row) => [row.name, fromColumn(row.oid)]));
  }

  update(edits: readonly RefEdit[], note: ReflogNote): void {
    this.#db.transact(() => {
      for (const edit of edits) this.#apply({ ...edit, name: parseRefName(this.#resolve(edit.name)) }, note);
    });
  }

  reflog(name: RefName): ReflogEntry[] {
    const rows = this.#db.all<ReflogRow>('select * from reflog where ref = ? order by entry desc', this.#resolve(name));
    return rows.map(({ ref, before, after, actor, time, message }) => ({
      name: ref,
      from: fromNullable(before),
      to: fromNullable(after),
      actor,
      time,
      message,
    }));
  }

  #resolve(name: RefName): RefName {
    return name === HEAD ? this.head() : name;
  }

  #apply({ name, expected, target }: RefEdit, { actor, time, message }: ReflogNote): void {
    const current = this.get(name) ?? null;
    if (current !== expected) throw changed(name, expected, current);
    if (current === target) return;
    if (target === null) this.#db.run('delete from refs where name = ?', name);
    else {
      this.#requireCommit(name, target);
      this.#db.run(
        'insert into refs (name, oid) values (?, ?) on conflict do update set oid = excluded.oid',
        name,
        oidToBytes(target),
      );
    }
    this.#db.run(
      'insert into reflog (ref, before, after, actor, time, message, operation) values (?, ?, ?, ?, ?, ?, ?)',
      name,
      toNullable(current),
      toNullable(target),
      actor,
      time,
      message,
      this.#recorder.current(actor),
    );
  }

  #requireCommit(name: RefName, target: Oid): void {
    const row = this.#db.get<{ type: ObjectType }>('select type from objects where oid = ?', oidToBytes(target));
    if (row?.type === 'commit') return;
    const what = row ? `is a ${row.type}, not a commit` : 'is not in the store';
    throw new SyncError('OBJECT_NOT_FOUND', `${name} cannot point at ${target}, which ${what}`);
  }
}

function changed(name: RefName, expected: Oid | null, current: Oid | null): SyncError {
  const says = (oid: Oid | null) => (oid === null ? 'missing' : `at ${oid}`);
  return new SyncError('REF_CHANGED', `${name} is ${says(current)}, but was expected to be ${says(expected)}`, {
    hint: 'Another process moved it; nothing was changed here. Try again.',
  });
}
