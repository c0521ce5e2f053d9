import type { GitObject, IdentifiedObject, ObjectReader } from '../ports.js';
import { hashObject, type Oid } from './oid.js';

/** The objects of a store and, on top of them in memory, others that it need not have: nothing of them is written. */
export class OverlayObjects implements ObjectReader {
  readonly #below: ObjectReader;
  readonly #added = new Map<Oid, IdentifiedObject>();

  constructor(below: ObjectReader, added: Iterable<IdentifiedObject> = []) {
    this.#below = below;
    this.add(added);
  }

  add(objects: Iterable<IdentifiedObject>): void {
    for (const object of objects) this.#added.set(object.oid, object);
  }

  /** What is only in memory. */
  added(): IdentifiedObject[] {
    return [...this.#added.values()];
  }

  has(oid: Oid): boolean {
    return this.#added.has(oid) || this.#below.has(oid);
  }

  /** @throws {SyncError} `OBJECT_NOT_FOUND` */
  read(oid: Oid): GitObject {
    return this.#added.get(oid) ?? this.#below.read(oid);
  }

  write(object: GitObject): Oid {
    const oid = hashObject(object.type, object.body);
    this.#added.set(oid, { ...object, oid });
    return oid;
  }
}
