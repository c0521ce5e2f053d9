/** The audit: every sync operation, in a chain of hashes. */
import type { RefName } from './refs.js';

/** One row of an audit, of a store or of an origin. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly number: number;
  /** ISO 8601, in UTC. */
  readonly at: string;
  /** An actor id or `nobody` in a store, a pseudonym (a UUID) at an origin with users. Never a name. */
  readonly actor: string;
  /** What was done, such as `pull --rebase`. */
  readonly action: string;
  /** What came of it, such as `pushed`, `conflicted` or `failed ORIGIN_UNREACHABLE`. */
  readonly result: string;
  /** A JSON object, as the text that was hashed: refs before and after, counts. Nothing that somebody wrote. */
  readonly detail: string;
  /** Where it was done, or asked for: the id of a store, and at an origin the version of its client; null when not known. */
  readonly client: string | null;
  /** The trace that it was part of: https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent: string | null;
  /** The hash of the row before, in hexadecimal digits; zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}

/** What an entry is about, before it has its place in the chain. */
export type AuditFacts = Omit<AuditEntry, 'number' | 'previous' | 'hash'>;

/** The place that a chain has come to. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
}

/** A ref that an operation moved, by what the audit says; null for none. */
export interface AuditedMove {
  readonly name: RefName;
  readonly before: string | null;
  readonly after: string | null;
}

/** Somebody behind a pseudonym. */
export interface AuditedPerson {
  readonly pseudonym: string;
  /** As in the list of members. */
  readonly userId: string;
  /** The actors that this user brought. */
  readonly actors: readonly string[];
}

/** Entries in order, and who is behind them as far as that is known. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** The last entry that there is, on this page or not; null in an empty audit. */
  readonly head: AuditHead | null;
  readonly people: readonly AuditedPerson[];
}

/** Which entries to read. */
export interface AuditQuery {
  /** From the one after this number on; 0 for all. */
  readonly after: number;
  /** None that is older; ISO 8601, in UTC. */
  readonly since?: string;
}

/** The audit of a store. What is in it stays as it is: there is no way to change or remove an entry. */
export interface AuditStore {
  append(facts: AuditFacts): AuditHead;
  /** As many as fit on a page. */
  read(query: AuditQuery): AuditEntry[];
  /** Undefined while it is empty. */
  head(): AuditHead | undefined;
  /** The number that was given last, also to an entry that somebody removed; 0 for none. */
  lastNumber(): number;
}
