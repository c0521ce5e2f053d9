import type { AuditFacts, AuditPage, AuditQuery, Store } from '../../core/ports.js';
import type { Caller } from '../caller.js';

/** Writes what somebody did at the origin into its audit. */
export type Tell = (action: string, result: string, detail: Readonly<Record<string, unknown>>) => void;

/** Who asks, and from where. */
export type Asked = Pick<AuditFacts, 'actor' | 'client' | 'traceparent'>;

/** What the audit is told of a caller; of one that does not say, that it was nobody. */
export async function describeCaller(caller: Caller | undefined): Promise<Asked> {
  if (!caller) return { actor: 'nobody', client: null, traceparent: null };
  const { store, version } = caller;
  return {
    actor: await caller.actor(),
    client: store ? `${store} ${version}` : null,
    traceparent: caller.traceparent?.() ?? null,
  };
}

/**
 * Whoever may write the file of such an origin may write this as well: it is kept by those who keep to the rules. Who reads the file
 * leaves no trace, here or elsewhere: that takes no right to write it.
 */
export function teller({ audit }: Store, asked: Asked): Tell {
  return (action, result, detail) => {
    audit.append({ at: new Date().toISOString(), ...asked, action, result, detail: JSON.stringify(detail) });
  };
}

/** A page of the audit. Here an actor is its own pseudonym: its name is in the table of actors, or is not known. */
export function readAudit({ audit }: Store, query: AuditQuery): AuditPage {
  return { entries: audit.read(query), head: audit.head() ?? null, people: [] };
}
