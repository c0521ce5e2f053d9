/** One `agent.db`, and the smaller things that it keeps. */
import type { Oid } from '../object/oid.js';
import type { ArtifactIndex, ArtifactKind } from './artifact-index.js';
import type { AuditStore } from './audit.js';
import type { ErasureStore } from './erasures.js';
import type { GarbageStore } from './garbage.js';
import type { MergeStore, RerereStore } from './merge-state.js';
import type { ObjectStore } from './objects.js';
import type { OperationStore } from './operations.js';
import type { QueueStore } from './queue.js';
import type { RefStore } from './refs.js';
import type { AcceptedPush } from './remote.js';
import type { MetricStore } from './telemetry.js';

/** A person or agent as commits name them: a random id here, the name in a table that can be emptied. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Actors known to this store, own and others'. One whose name was erased is not kept again. */
export interface ActorStore {
  get(id: string): Actor | undefined;
  list(): Actor[];
  put(actor: Actor): void;
  /** The actor that this store made for a person, by name and e-mail. */
  findOwn(name: string, email: string): Actor | undefined;
  putOwn(actor: Actor): void;
  /** The actor of this store that moved a ref last. */
  lastOwn(): string | undefined;
}

/** Settings of the store itself, such as `remote.origin.sequence`. */
export interface SettingStore {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  unset(key: string): void;
}

/** What lstat said about a file when its bytes were last known to be `oid`; saves reading it again. */
export interface FileStat {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

/** The stat cache, git's index in the sense of gitformat-index(5) "racy" rules. */
export interface StatCache {
  /** All entries at once, by path. */
  load(): Map<string, CachedStat>;
  /** Replaces the entries of the given paths; null forgets one. */
  save(entries: ReadonlyMap<string, CachedStat | null>): void;
}

/** A stat and the oid of the bytes that it stood for. */
export interface CachedStat extends FileStat {
  readonly oid: Oid;
}

/** What a store remembers when it serves as an origin: the answers it gave, so that a retry gets the same. */
export interface OriginState {
  receipt(pushId: string): AcceptedPush | undefined;
  keepReceipt(pushId: string, answer: AcceptedPush): void;
  /** The id that was issued to a request. */
  issuedTo(requestId: string): string | undefined;
  isIssued(kind: ArtifactKind, id: string): boolean;
  keepIssued(kind: ArtifactKind, id: string, requestId: string): void;
  /** The highest number given out for a prefix; 0 for none. */
  lastNumber(kind: ArtifactKind, prefix: string): number;
  keepLastNumber(kind: ArtifactKind, prefix: string, number: number): void;
}

/** One `agent.db`. */
export interface Store {
  readonly objects: ObjectStore;
  readonly refs: RefStore;
  readonly merge: MergeStore;
  readonly rerere: RerereStore;
  readonly operations: OperationStore;
  readonly queue: QueueStore;
  /** In a store that others push to, what they did there. */
  readonly audit: AuditStore;
  readonly index: ArtifactIndex;
  readonly actors: ActorStore;
  readonly settings: SettingStore;
  readonly stats: StatCache;
  readonly metrics: MetricStore;
  readonly garbage: GarbageStore;
  readonly erasures: ErasureStore;
  /** Used only in a store that others push to. */
  readonly origin: OriginState;
  /** Runs `work` in one `BEGIN IMMEDIATE` transaction; nested calls join the outer one, and a throw undoes all of it. */
  transact<T>(work: () => T): T;
  /** Reads one state of the store, whatever others write meanwhile; `work` writes nothing. */
  snapshot<T>(work: () => T): T;
  /** What SQLite's own integrity check finds wrong; empty when all is well. */
  integrityProblems(): string[];
  close(): void;
}
