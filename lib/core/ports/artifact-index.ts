/** The artifact index: derived from objects and refs. */
import type { Oid } from '../object/oid.js';

/** The kinds of artifact, by the folder that holds them. */
export type ArtifactKind = 'plan' | 'story' | 'runbook';

/** One artifact file of the tree that `HEAD` names, as read from its bytes and path. */
export interface ArtifactRow {
  readonly path: string;
  readonly oid: Oid;
  readonly kind: ArtifactKind;
  /** As in the file name, such as `INFRA-004`; empty where the file name has none. */
  readonly id: string;
  readonly title: string;
  /** As written, such as `COMMITTED`; null when the file states none. */
  readonly state: string | null;
}

/** An artifact with what its history says. */
export interface ArtifactEntry extends ArtifactRow {
  /** How many commits changed the artifact. */
  readonly version: number;
  /** Author time of the last of them, in seconds since the epoch. */
  readonly modified: number;
  /** Actor id of the author of the last of them. */
  readonly author: string;
  readonly commit: Oid;
}

/** A commit that changed an artifact, as the fold over history sees it. */
export interface ArtifactChange {
  readonly kind: ArtifactKind;
  readonly id: string;
  readonly commit: Oid;
  /** Longest path to a root commit: the order of history that every clone agrees on. */
  readonly generation: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly author: string;
}

/** A commit that gave a draft its number. */
export interface HandleFact {
  readonly kind: ArtifactKind;
  /** Such as `INFRA-DRAFT-1NRK5QG4T7W2M`. */
  readonly handle: string;
  readonly id: string;
  readonly commit: Oid;
  readonly generation: number;
}

/** Facts about a commit that graph walks want without inflating it. */
export interface CommitFacts {
  readonly oid: Oid;
  readonly generation: number;
}

/** One step of the index from one commit to another. */
export interface IndexStep {
  /** The commit that the rows describe afterwards; null for none. */
  readonly at: Oid | null;
  readonly removed: readonly string[];
  readonly written: readonly ArtifactRow[];
  readonly changes: readonly ArtifactChange[];
  readonly handles: readonly HandleFact[];
  readonly commits: readonly CommitFacts[];
}

/** Which artifacts to list. */
export interface ArtifactFilter {
  readonly kind?: ArtifactKind;
  readonly id?: string;
  readonly state?: string;
}

/** The derived tables: rebuilt from objects and refs at any time, equal on every clone with the same `HEAD`. */
export interface ArtifactIndex {
  /** The commit that the rows describe; null when they describe nothing yet. */
  at(): Oid | null;
  generation(commit: Oid): number | undefined;
  apply(step: IndexStep): void;
  clear(): void;
  /** Sorted by path. */
  list(filter?: ArtifactFilter): ArtifactEntry[];
  get(path: string): ArtifactEntry | undefined;
  /** Those whose id may be a handle, sorted by path. */
  drafts(): ArtifactEntry[];
  /** The number that a draft got; undefined for one that has none, as far as `HEAD` knows. */
  idOf(handle: string): string | undefined;
  /** The handles that an artifact went by as a draft. */
  handlesOf(kind: ArtifactKind, id: string): string[];
}
