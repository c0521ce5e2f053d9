import { readTombstone, tombstoneOf } from '../core/erasure/tombstone.js';
import { SyncError } from '../core/errors.js';
import { LIMITS } from '../core/object/limits.js';
import { type Oid, oidToBytes } from '../core/object/oid.js';
import { verifyObject, verifyStored } from '../core/object/verify.js';
import type { FetchPage, GitObject, IdentifiedObject, ObjectStore, ObjectType } from '../core/ports.js';
import { packBody, unpackBody } from './body.js';
import { fromColumn, type OidColumn } from './columns.js';
import type { Connection } from './connection.js';
import { hashNatively } from './hash.js';
import { corrupt } from './sqlite-error.js';

interface ObjectRow {
  readonly sequence: number;
  readonly oid: OidColumn;
  readonly type: ObjectType;
  readonly size: number;
  readonly body: Buffer;
}

const LIST_PAGE = 1000;
const PREFIX_PATTERN = /^[0-9a-f]{4,40}$/;

/** The objects of a store, in the table `objects`. */
export class SqliteObjects implements ObjectStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  has(oid: Oid): boolean {
    return this.typeOf(oid) !== undefined;
  }

  read(oid: Oid): GitObject {
    const row = this.#db.get<ObjectRow>('select * from objects where oid = ?', oidToBytes(oid));
    if (!row) throw new SyncError('OBJECT_NOT_FOUND', `object ${oid} is not in the store`);
    return this.#unpack(row);
  }

  hash(type: ObjectType, body: Uint8Array): Oid {
    const erased = type === 'blob' ? readTombstone(body) : undefined;
    return erased !== undefined && this.#isErased(erased) ? erased : hashNatively(type, body);
  }

  write(object: GitObject): Oid {
    if (object.body.length > LIMITS.objectBytes) {
      throw new SyncError(
        'OBJECT_TOO_LARGE',
        `a ${object.type} of ${object.body.length} bytes cannot be stored; the limit is ${LIMITS.objectBytes}`,
      );
    }
    const oid = hashNatively(object.type, object.body);
    if (this.#isErased(oid)) throw erasedObject(oid);
    this.#insert({ ...object, oid });
    // A tombstone is also kept as the text that it is, for whoever hashed it as one.
    return this.hash(object.type, object.body);
  }

  writeVerified(object: IdentifiedObject): void {
    this.#verify(object);
    this.#insert(this.#withoutErased(object));
  }

  replace(object: IdentifiedObject): void {
    verifyStored(object, (type, body) => this.hash(type, body));
    this.#db.transact(() => {
      const { oid, type, body } = this.#withoutErased(object);
      const sql = 'update objects set type = ?, size = ?, body = ? where oid = ?';
      if (this.#db.run(sql, type, body.length, packBody(body), oidToBytes(oid)) === 0)
        this.#insert({ oid, type, body });
    });
  }

  typeOf(oid: Oid): ObjectType | undefined {
    return this.#db.get<Pick<ObjectRow, 'type'>>('select type from objects where oid = ?', oidToBytes(oid))?.type;
  }

  *list(after = 0): Generator<Oid> {
    let last = after;
    for (;;) {
      const rows = this.#db.all<Pick<ObjectRow, 'sequence' | 'oid'>>(
        'select sequence, oid from objects where sequence > ? order by sequence limit ?',
        last,
        LIST_PAGE,
      );
      for (const row of rows) yield fromColumn(row.oid);
      if (rows.length < LIST_PAGE) return;
      last = rows.at(-1)!.sequence;
    }
  }

  findByPrefix(prefix: string, limit: number): Oid[] {
    if (!PREFIX_PATTERN.test(prefix)) {
      throw new SyncError('OID_INVALID', `'${prefix}' is not the start of an object id (4 to 40 hexadecimal digits)`);
    }
    const rows = this.#db.all<Pick<ObjectRow, 'oid'>>(
      'select oid from objects where oid between ? and ? order by oid limit ?',
      oidToBytes(prefix.padEnd(40, '0')),
      oidToBytes(prefix.padEnd(40, 'f')),
      limit,
    );
    return rows.map((row) => fromColumn(row.oid));
  }

  count(): number {
    return this.#db.get<{ objects: number }>('select count(*) as objects from objects')!.objects;
  }

  lastSequence(): number {
    return this.#db.get<{ last: number }>('select coalesce(max(sequence), 0) as last from objects')!.last;
  }

  after(sequence: number, limitBytes: number): FetchPage {
    const objects: IdentifiedObject[] = [];
    let last = sequence;
    let bytes = 0;
    const rows = this.#db.iterate<ObjectRow>('select * from objects where sequence > ? order by sequence', sequence);
    for (const row of rows) {
      bytes += row.size;
      if (bytes > limitBytes && objects.length > 0) return { objects, sequence: last, more: true };
      objects.push({ oid: fromColumn(row.oid), ...this.#unpack(row) });
      last = row.sequence;
    }
    return { objects, sequence: last, more: false };
  }

  #insert({ oid, type, body }: IdentifiedObject): void {
    if (this.has(oid)) {
      // As git freshens a file: whoever writes an object is about to name it.
      this.#db.run('delete from unreachable where oid = ?', oidToBytes(oid));
      return;
    }
    this.#db.run(
      'insert into objects (oid, type, size, body) values (?, ?, ?, ?) on conflict do nothing',
      oidToBytes(oid),
      type,
      body.length,
      packBody(body),
    );
  }

  #verify(object: IdentifiedObject): void {
    verifyObject(object, (type, body) => this.hash(type, body));
  }

  /** Whoever has not heard of an erasure yet may send what was erased. */
  #withoutErased(object: IdentifiedObject): IdentifiedObject {
    return this.#isErased(object.oid) ? { ...object, body: tombstoneOf(object.oid) } : object;
  }

  #isErased(oid: Oid): boolean {
    return this.#db.get('select 1 from erased_objects where oid = ?', oidToBytes(oid)) !== undefined;
  }

  /** What the disk damaged is not handed out: hashing costs a fifth of a read. */
  #unpack({ oid, type, size, body: packed }: ObjectRow): GitObject {
    const body = unpackBody(packed, size);
    if (body && this.hash(type, body) === fromColumn(oid)) return { type, body };
    throw corrupt(this.#db.path, `is damaged: object ${fromColumn(oid)} is not what was stored`);
  }
}

function erasedObject(oid: Oid): SyncError {
  return new SyncError('OBJECT_ERASED', `a text that was erased is not taken in again: it is the blob ${oid}`, {
    hint: 'Somebody asked for it to be gone. Write another text, or leave the file out.',
  });
}
