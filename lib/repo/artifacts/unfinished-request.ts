import type { Oid } from '../../core/object/oid.js';
import { followHead } from '../disk/base.js';
import type { Repository } from '../repository.js';
import { isRunning } from '../running-process.js';

/** A request to the origin that a command has under way. */
interface Unfinished {
  readonly request: string;
  /** The process. */
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** What a command asks with. */
export interface BegunRequest {
  /** A UUID. */
  readonly request: string;
  /** When it was first begun, in seconds since the epoch. */
  readonly since: number;
  /** The same command was killed before, and may have done any part of its work. */
  readonly resumed: boolean;
}

const UNFINISHED = 'new.unfinished';
/** Whoever gives a command again a day later means another artifact. */
const FORGOTTEN_SECONDS = 24 * 60 * 60;
/** The requests that this process has under way. */
const begunHere = new Set<string>();

/**
 * Does something with a request of its own, or with that of a process that was killed at the same: the origin answers it with the
 * same id.
 *
 * @param words what tells the command from others, all its operands among them
 */
export async function withRequest<Result>(
  repo: Repository,
  words: readonly string[],
  work: (begun: BegunRequest) => Promise<Result>,
): Promise<Result> {
  const what = words.join('\n');
  const begun = beginRequest(repo, what);
  try {
    return await work(begun);
  } finally {
    endRequest(repo, what, begun);
  }
}

function beginRequest({ store, clock, entropy }: Repository, what: string): BegunRequest {
  const begun = store.transact(() => {
    const all = readUnfinished(store.settings.get(UNFINISHED));
    const now = clock.now().seconds;
    const recent = Object.entries(all).filter(([, { since }]) => now - since < FORGOTTEN_SECONDS);
    const known = new Map(recent).get(what);
    const resumed = known !== undefined && !isUnderWay(known);
    const { request, since } = resumed ? known : { request: entropy.uuid(), since: now };
    const next = { ...Object.fromEntries(recent), [what]: { request, since, pid: process.pid } };
    store.settings.set(UNFINISHED, JSON.stringify(next));
    return { request, since, resumed };
  });
  begunHere.add(begun.request);
  return begun;
}

/** Ends a request: what came of it was told. One that another process began at the same is left to that. */
function endRequest({ store }: Repository, what: string, { request }: BegunRequest): void {
  begunHere.delete(request);
  store.transact(() => {
    const { [what]: latest, ...others } = readUnfinished(store.settings.get(UNFINISHED));
    if (latest?.request !== request) return;
    if (Object.keys(others).length > 0) store.settings.set(UNFINISHED, JSON.stringify(others));
    else store.settings.unset(UNFINISHED);
  });
}

/**
 * The commit that made the artifact at a path before the command was killed, if it came so far. The disk is brought along.
 *
 * @throws {SyncError} `BASE_UNKNOWN`, `FILE_UNWRITABLE`
 */
export function madeBefore(repo: Repository, { resumed }: BegunRequest, path: string): Oid | undefined {
  const commit = resumed ? repo.store.index.get(path)?.commit : undefined;
  if (commit) followHead(repo);
  return commit;
}

function readUnfinished(text: string | undefined): Readonly<Record<string, Unfinished>> {
  return text === undefined ? {} : JSON.parse(text);
}

/** Where each process has a machine of its own, as in a container, one often has the number of the one before it. */
function isUnderWay({ pid, request }: Unfinished): boolean {
  return pid === process.pid ? begunHere.has(request) : isRunning(pid);
}
