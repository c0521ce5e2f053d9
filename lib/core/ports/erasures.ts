/** Erasures: whose names and which contents are gone for good, and the proof that the origin said so. */
import type { VerifiedErasure } from '../erasure/erasure-chain.js';
import type { Oid } from '../object/oid.js';

/** A record of an erasure, as it was signed. */
export interface SignedErasure {
  readonly text: string;
  readonly signature: Uint8Array;
}

/** A chain of records: the fingerprint of the key that signs the first, and how many there are. */
export interface ErasureChain {
  readonly anchor: string;
  readonly count: number;
}

/** What is to be erased. */
export interface ErasureRequest {
  /** Actor ids. */
  readonly actors: readonly string[];
  readonly blobs: readonly Oid[];
}

/** How many of each were here and are gone, or would be. */
export interface ErasedTraces {
  /** Names and addresses of actors. */
  readonly names: number;
  /** Blobs whose contents were here. */
  readonly blobs: number;
  /** Texts of logs, operations and the queue in which a name or address stood. */
  readonly texts: number;
  /** Operations that cannot be undone any more. */
  readonly operations: number;
  /** Recorded resolutions of conflicts. */
  readonly resolutions: number;
}

/** `contents`: objects that were made of what was erased have to go, and then the `file`: it has to be written anew without it. */
export type UnfinishedErasure = 'contents' | 'file';

/** What a store knows to be erased. */
export interface ErasureStore {
  /** Whether the contents of a blob were erased. */
  has(oid: Oid): boolean;
  /** Whether the name of an actor was erased. */
  hasActor(id: string): boolean;
  /** The chains that this store takes records of: its own, where it signs, and its origin's. */
  chains(): ErasureChain[];
  /** Takes records of a chain from now on. */
  trust(anchor: string): void;
  /** The records of a chain after the first `after`. */
  list(anchor: string, after?: number): SignedErasure[];
  /**
   * Keeps records and does what they say, all or nothing: names go from every text here, and contents from every table. What it
   * takes for the bytes to be gone from the file as well is left to do, and remembered.
   */
  apply(anchor: string, records: readonly VerifiedErasure[]): ErasedTraces;
  /** The chain that this store signs itself. */
  own(): ErasureChain;
  /** Signs what is not erased yet, and applies it. */
  sign(request: ErasureRequest): ErasedTraces;
  /** What `sign` would answer; nothing is kept. */
  preview(request: ErasureRequest): ErasedTraces;
  /** What is left to do; undefined when all is done. */
  unfinished(): UnfinishedErasure | undefined;
  setUnfinished(left: UnfinishedErasure | undefined): void;
  /** Ends what can be undone, and forgets how conflicts were resolved: both may show what was erased. */
  forgetUndo(): void;
  /** Objects, records and lists of what is erased that do not agree. */
  problems(): { readonly subject: string; readonly message: string }[];
}
