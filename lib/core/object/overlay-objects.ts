import type { GitObject, IdentifiedObject, ObjectReader } from '../ports.js';
import type { Oid } from './oid.js';

/** Objects that exist only in memory, over those of a store. */
export class OverlayObjects implements ObjectReader {
  readonly #below: ObjectReader;
  readonly #made = new Map<Oid, IdentifiedObject>();

  constructor(below: ObjectReader) {
    this.#below = below;
  }

  has(oid: Oid): boolean {
    return this.#made.has(oid) || this.#below.has(oid);
  }

  read(oid: Oid): GitObject {
    return this.#made.get(oid) ?? this.#below.read(oid);
  }

  add(object: IdentifiedObject): void {
    this.#made.set(object.oid, object);
  }

  /** What was added. */
  made(): IdentifiedObject[] {
    return [...this.#made.values()];
  }
}
