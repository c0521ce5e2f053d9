import type { Actor, AuditEntry, AuditedPerson, AuditPage, AuditQuery, CallOptions } from '../../core/ports.js';
import { displayName } from '../actor.js';
import type { Repository } from '../repository.js';

/** The audit of this store, or the origin's. */
export type AuditLog = 'store' | 'origin';

/** Which entries to show. */
export interface AuditFilter {
  /** None that is older; ISO 8601, in UTC. */
  readonly since?: string;
  /** A name, an e-mail address, an actor id; at an origin with users also a user id or a pseudonym. */
  readonly actor?: string;
  /** The newest so many; all when left out. */
  readonly limit?: number;
}

/** An entry with the name of whoever did it. */
export interface ShownEntry extends Omit<AuditEntry, 'detail'> {
  /** The actor id or pseudonym where nobody by it is known, any more. */
  readonly who: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The text that was hashed. */
  readonly detailText: string;
}

/**
 * Lists what the audit has, newest first.
 *
 * @throws {SyncError} for the origin's: the codes of `Remote`
 */
export async function readAudit(
  repo: Repository,
  log: AuditLog,
  filter: AuditFilter = {},
  options: CallOptions = {},
): Promise<readonly ShownEntry[]> {
  const { since, actor, limit } = filter;
  const nameOf = namer(repo.store.actors.list());
  const shown: ShownEntry[] = [];
  for await (const { entries, people } of auditPages(repo, log, since === undefined ? {} : { since }, options)) {
    const known = new Map(people.map((person) => [person.pseudonym, person]));
    for (const { detail, ...entry } of entries) {
      const names = nameOf(entry.actor, known.get(entry.actor));
      if (actor !== undefined && !names.all.includes(actor.toLowerCase())) continue;
      shown.push({ ...entry, who: names.shown, detail: JSON.parse(detail), detailText: detail });
    }
  }
  return shown.reverse().slice(0, limit);
}

/** The pages of an audit, in order, until there are no more. */
export async function* auditPages(
  repo: Repository,
  log: AuditLog,
  query: Omit<AuditQuery, 'after'>,
  options: CallOptions,
): AsyncGenerator<AuditPage> {
  const { audit } = repo.store;
  const remote = log === 'origin' ? await repo.connect() : undefined;
  for (let after = 0; ; ) {
    const asked = { ...query, after };
    const page = remote
      ? await remote.audit(asked, options)
      : { entries: audit.read(asked), head: audit.head() ?? null, people: [] };
    yield page;
    const last = page.entries.at(-1)?.number ?? 0;
    if (last === 0 || last >= (page.head?.number ?? 0)) return;
    after = last;
  }
}

/** What somebody goes by: one name to show, and all that they can be asked for by, in lower case. */
interface Names {
  readonly shown: string;
  readonly all: readonly string[];
}

/** Whoever operates the database of an origin, and is no user of it. */
const OPERATOR = '00000000-0000-0000-0000-000000000000';

/** Tells what an actor or pseudonym goes by. Somebody who was purged goes by nothing else any more. */
function namer(actors: readonly Actor[]): (id: string, person: AuditedPerson | undefined) => Names {
  const byId = new Map(actors.map((actor) => [actor.id, actor]));
  return (id, person) => {
    if (id === OPERATOR) return { shown: 'the operator', all: [id] };
    const known = (person?.actors ?? [id]).flatMap((actor) => byId.get(actor) ?? []);
    const named = known.filter(({ name, email }) => name || email);
    const others = person ? [person.userId, ...person.actors] : [];
    const all = [id, ...others, ...named.flatMap(({ name, email }) => [name, email])].map((each) => each.toLowerCase());
    return { shown: [...new Set(named.map(displayName))].join(', ') || id, all };
  };
}
