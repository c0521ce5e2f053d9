import { type ChainProblem, findChainProblem } from '../../core/audit/chain.js';
import { hashText } from '../../core/audit/hash-text.js';
import type { AuditHead, CallOptions, Store } from '../../core/ports.js';
import { ORIGIN_AUDIT } from '../../core/setting-names.js';
import type { Repository } from '../repository.js';
import { type AuditLog, auditPages } from './read-audit.js';

/** What checking a chain came to. */
export interface AuditVerdict {
  /** How many entries were looked at. */
  readonly entries: number;
  /** The last of them. */
  readonly head: AuditHead | null;
  /** Where the chain is broken first; null where it is whole. */
  readonly problem: ChainProblem | null;
}

/**
 * Computes the chain of an audit anew.
 *
 * Of the origin's, this store keeps the last head that it found whole, so that the next check shows also what was removed from its
 * end, or made anew. Nobody keeps that of the store's own; SQLite's counter gives away no more than a clumsy removal.
 *
 * @throws {SyncError} for the origin's: the codes of `Remote`
 */
export async function verifyAudit(repo: Repository, log: AuditLog, options: CallOptions = {}): Promise<AuditVerdict> {
  if (log === 'store') return verifyStoreAudit(repo.store);
  const seen = await seenHead(repo);
  let verdict = NONE;
  let found: string | undefined;
  for await (const { entries } of auditPages(repo, log, {}, options)) {
    verdict = goOn(verdict, entries);
    found ??= entries.find(({ number }) => number === seen.head?.number)?.hash;
    if (verdict.problem) return verdict;
  }
  const problem = seen.head ? compareHeads(seen.head, found, verdict.head) : null;
  if (problem) return { ...verdict, problem };
  if (verdict.head) repo.store.settings.set(ORIGIN_AUDIT, JSON.stringify({ of: seen.of, ...verdict.head }));
  return verdict;
}

/** Computes the chain of a store's own audit anew. */
export function verifyStoreAudit({ audit }: Pick<Store, 'audit'>): AuditVerdict {
  let verdict = NONE;
  for (let entries = audit.read({ after: 0 }); entries.length > 0 && !verdict.problem; ) {
    verdict = goOn(verdict, entries);
    entries = audit.read({ after: entries.at(-1)!.number });
  }
  if (verdict.problem) return verdict;
  const last = verdict.head?.number ?? 0;
  const given = audit.lastNumber();
  return given > last ? { ...verdict, problem: cutOff(last, given) } : verdict;
}

const NONE: AuditVerdict = { entries: 0, head: null, problem: null };

function goOn(
  verdict: AuditVerdict,
  entries: Parameters<typeof findChainProblem>[0] & readonly AuditHead[],
): AuditVerdict {
  const problem = findChainProblem(entries, hashText, verdict.head ?? undefined) ?? null;
  const last = entries.at(-1);
  const head = last ? { number: last.number, hash: last.hash } : verdict.head;
  return { entries: verdict.entries + entries.length, head, problem };
}

function compareHeads(seen: AuditHead, found: string | undefined, head: AuditHead | null): ChainProblem | null {
  const last = head?.number ?? 0;
  if (last < seen.number) return cutOff(last, seen.number);
  if (found === seen.hash) return null;
  const message = `entry ${seen.number} is not what it was when this store checked last: the chain up to it was made anew`;
  return { number: seen.number, message };
}

function cutOff(last: number, given: number): ChainProblem {
  const missing = given === last + 1 ? `entry ${given} is` : `entries ${last + 1} to ${given} are`;
  return { number: last + 1, message: `${missing} missing at the end` };
}

/** The head of this project's audit that was found whole last; another origin has another one. */
async function seenHead(repo: Repository): Promise<{ readonly of: string; readonly head: AuditHead | undefined }> {
  const { url } = await repo.connect();
  const of = `${url} ${(await repo.config())?.origin?.project}`;
  const text = repo.store.settings.get(ORIGIN_AUDIT);
  const kept = text === undefined ? undefined : JSON.parse(text);
  return { of, head: kept?.of === of ? { number: kept.number, hash: kept.hash } : undefined };
}
