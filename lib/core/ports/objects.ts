/** Objects: what is stored, by id. */
import type { Oid } from '../object/oid.js';

/** The kinds of git object that agent-sync stores. Tags are not used. */
export type ObjectType = 'blob' | 'tree' | 'commit';

/** A git object: its type and its body, without git's `<type> <size>\0` header. */
export interface GitObject {
  readonly type: ObjectType;
  readonly body: Uint8Array;
}

/** A git object together with the id that it claims, or is known, to have. */
export interface IdentifiedObject extends GitObject {
  readonly oid: Oid;
}

/** Read access to objects; all that graph walks, diffs and merges need. */
export interface ObjectReader {
  has(oid: Oid): boolean;
  /** @throws {SyncError} `OBJECT_NOT_FOUND` */
  read(oid: Oid): GitObject;
}

/** Objects by id. Writing the same object twice is one object, which `gc` then takes for a new one. */
export interface ObjectStore extends ObjectReader {
  /** What `hashObject` of core answers, as fast as the store can; for the tombstone of an erased blob, that blob. */
  hash(type: ObjectType, body: Uint8Array): Oid;
  /**
   * Hashes and stores an object of our own making.
   *
   * @throws {SyncError} `OBJECT_ERASED` for contents that were erased
   */
  write(object: GitObject): Oid;
  /**
   * Stores an object that another party sent, after rehashing and parsing it; of an erased blob the tombstone, whatever was sent.
   *
   * @throws {SyncError} `OBJECT_HASH_MISMATCH`, `OBJECT_MALFORMED`, `OBJECT_TOO_LARGE`
   */
  writeVerified(object: IdentifiedObject): void;
  /**
   * Stores an object that is needed by its id, after rehashing it and checking its form, in the place of a row whose body the disk
   * damaged.
   *
   * @throws {SyncError} as `writeVerified`
   */
  replace(object: IdentifiedObject): void;
  /** An object's type, without reading its body; undefined for an object that is not there. */
  typeOf(oid: Oid): ObjectType | undefined;
  /** Every oid in the store, or every one stored after number `after`, in the order of their numbers. */
  list(after?: number): Iterable<Oid>;
  /**
   * The oids that start with `prefix` (4 to 40 hexadecimal digits), at most `limit`.
   *
   * @throws {SyncError} `OID_INVALID`
   */
  findByPrefix(prefix: string, limit: number): Oid[];
  count(): number;
  /** The number of the object stored last; 0 for an empty store. Objects are numbered as they come and never renumbered. */
  lastSequence(): number;
  /** Objects in the order of their numbers, from `sequence` + 1 on: at least one, then as many as fit into `limitBytes`. */
  after(sequence: number, limitBytes: number): FetchPage;
}

/** Objects in the origin's sequence order, all of them after the number asked for. */
export interface FetchPage {
  readonly objects: readonly IdentifiedObject[];
  /** The sequence number of the last object here: where the next page starts, or a broken fetch resumes. */
  readonly sequence: number;
  readonly more: boolean;
}
