import type { AuditEntry, AuditFacts, AuditHead } from '../ports.js';

/** The hash before the first entry. */
const NOTHING = '0'.repeat(64);

/** SHA-256 of a text's UTF-8, in hexadecimal digits. */
export type HashText = (text: string) => string;

/**
 * What an entry's hash is of: its fields, a line each. None of them has a line break, so no two entries have one text.
 *
 * `agent_sync.audit_text` of lib/origin/sql writes the same.
 */
export function auditText(entry: Omit<AuditEntry, 'hash'>): string {
  const { number, at, actor, action, result, detail, client, traceparent, previous } = entry;
  return [
    'agent-sync audit 1',
    number,
    at,
    actor,
    action,
    result,
    detail,
    client ?? '',
    traceparent ?? '',
    previous,
  ].join('\n');
}

/** Gives an entry its place after the head of a chain. */
export function chainEntry(head: AuditHead | undefined, facts: AuditFacts, hash: HashText): AuditEntry {
  const entry = { ...facts, number: (head?.number ?? 0) + 1, previous: head?.hash ?? NOTHING };
  return { ...entry, hash: hash(auditText(entry)) };
}

/** Where a chain is broken. */
export interface ChainProblem {
  /** The entry where it shows. */
  readonly number: number;
  /** Such as `was changed`. */
  readonly message: string;
}

/**
 * Finds the first place where entries do not follow from each other.
 *
 * A chain shows what was changed, removed, put in or put elsewhere between its ends. That its last entries were removed shows only to
 * whoever knows a later head, and nothing shows when all of it was made anew.
 *
 * @param entries in order
 * @param before the head that they follow; the beginning of the chain when left out
 */
export function findChainProblem(
  entries: Iterable<AuditEntry>,
  hash: HashText,
  before?: AuditHead,
): ChainProblem | undefined {
  let { number, hash: previous } = before ?? { number: 0, hash: NOTHING };
  for (const entry of entries) {
    if (entry.number !== number + 1) {
      const [first, last] = [number + 1, entry.number - 1];
      const missing = first < last ? `entries ${first} to ${last} are missing` : `entry ${first} is missing`;
      return { number: first, message: entry.number > number ? missing : `entry ${entry.number} is not in its place` };
    }
    if (hash(auditText(entry)) !== entry.hash) {
      return { number: entry.number, message: `entry ${entry.number} was changed: it does not have its hash` };
    }
    if (entry.previous !== previous) {
      const message = `entry ${entry.number} does not follow from the one before it: one of them was replaced`;
      return { number: entry.number, message };
    }
    ({ number, hash: previous } = entry);
  }
  return undefined;
}
