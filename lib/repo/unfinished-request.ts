import type { Repository } from './repository.js';

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
  /** The same command was killed before, and may have done any part of its work. */
  readonly resumed: boolean;
}

const UNFINISHED = 'new.unfinished';
/** Whoever gives a command again a day later means another artifact. */
const FORGOTTEN_SECONDS = 24 * 60 * 60;

/**
 * Begins a request, or takes up the one of a process that was killed at the same: the origin answers it with the same id.
 *
 * @param what tells the command from others, all its operands in it
 */
export function beginRequest({ store, clock, entropy }: Repository, what: string): BegunRequest {
  return store.transact(() => {
    const all = readUnfinished(store.settings.get(UNFINISHED));
    const since = clock.now().seconds;
    const known = all[what];
    const resumed = known !== undefined && since - known.since < FORGOTTEN_SECONDS && !isRunning(known.pid);
    const request = resumed ? known.request : entropy.uuid();
    const recent = Object.entries(all).filter(([, entry]) => since - entry.since < FORGOTTEN_SECONDS);
    const next = { ...Object.fromEntries(recent), [what]: { request, pid: process.pid, since } };
    store.settings.set(UNFINISHED, JSON.stringify(next));
    return { request, resumed };
  });
}

/** Ends a request: what came of it was told. */
export function endRequest({ store }: Repository, what: string): void {
  store.transact(() => {
    const { [what]: _, ...others } = readUnfinished(store.settings.get(UNFINISHED));
    if (Object.keys(others).length > 0) store.settings.set(UNFINISHED, JSON.stringify(others));
    else store.settings.unset(UNFINISHED);
  });
}

function readUnfinished(text: string | undefined): Readonly<Record<string, Unfinished>> {
  return text === undefined ? {} : JSON.parse(text);
}

/** @see kill(2): signal 0 asks only */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
