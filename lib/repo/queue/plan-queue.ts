import type { FailureClass } from '../../core/failure-class.js';
import type { QueuedIntent, QueueFailure, QueueOutcome, QueueStatus } from '../../core/ports.js';

/** Seconds: the longest wait after the first failure, and after many. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 900;
/** Whatever an origin asks for, nothing waits longer than a day, in seconds. */
export const LONGEST_ASKED = 86_400;
/** A claim this old, in seconds, is that of a process that was killed where we cannot see it. */
const LONGEST_CLAIM = 600;

/**
 * How many seconds to wait before the next attempt: any number up to a limit that doubles, so that those who lost the same
 * connection do not all come back at once; but never sooner than the origin asked for.
 *
 * @param attempts how many failed, from 1
 * @param chance from 0 up to 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ full jitter
 */
export function backoff(attempts: number, retryAfter: number | undefined, chance: number): number {
  const limit = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1));
  const jitter = Math.ceil(chance * limit);
  return retryAfter === undefined ? jitter : Math.min(LONGEST_ASKED, retryAfter) + jitter;
}

/**
 * What makes a run of the queue: the time has come (`due`), a person's command talks to the origin anyway (`asked`), a person
 * wants the queue to run (`run`), or all of it at once (`forced`).
 */
export type QueueOccasion = 'due' | 'asked' | 'run' | 'forced';

interface Rules {
  readonly tries: readonly QueueStatus[];
  /** Whether to wait for the time that an attempt set, or only for one that the origin asked for. */
  readonly waits: 'always' | 'if-told' | 'never';
}

const RULES: Readonly<Record<QueueOccasion, Rules>> = {
  due: { tries: ['waiting'], waits: 'always' },
  asked: { tries: ['waiting'], waits: 'if-told' },
  run: { tries: ['waiting', 'blocked'], waits: 'always' },
  forced: { tries: ['waiting', 'blocked', 'refused'], waits: 'never' },
};

/** The state of things that a run is planned in. */
export interface QueueMoment {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly occasion: QueueOccasion;
  isRunning(pid: number): boolean;
}

/**
 * The intents that a run has to try, in order.
 *
 * All of them need the same connection. So none is tried before its time has come, nor any behind it, nor what is behind one that
 * another process runs: a push may need the pull before it. But what needs a person, or was refused, stands in nobody's way.
 */
export function planQueueRun(queue: readonly QueuedIntent[], moment: QueueMoment): QueuedIntent[] {
  const due: QueuedIntent[] = [];
  for (const item of queue) {
    if (!isTried(item, moment)) continue;
    if (isClaimed(item, moment) || mustWait(item, moment)) break;
    due.push(item);
  }
  return due;
}

/** Tells whether an intent is one that a run tries. */
export function isTried({ status }: QueuedIntent, { occasion }: QueueMoment): boolean {
  return RULES[occasion].tries.includes(status);
}

/** Tells whether another process runs an intent at this moment. */
export function isClaimed({ claim }: QueuedIntent, { now, isRunning }: QueueMoment): boolean {
  return claim !== null && now - claim.since <= LONGEST_CLAIM && isRunning(claim.pid);
}

function mustWait({ notBefore, failure }: QueuedIntent, { now, occasion }: QueueMoment): boolean {
  const { waits } = RULES[occasion];
  if (notBefore === null || notBefore <= now || waits === 'never') return false;
  return waits === 'always' || failure?.retryAfter !== undefined;
}

/** What becomes of an intent after an attempt that failed. */
export function planOutcome(
  { attempts }: QueuedIntent,
  failure: QueueFailure & { readonly retry: FailureClass },
  now: number,
  chance: number,
): QueueOutcome {
  const { retry, ...kept } = failure;
  const tried = attempts + 1;
  if (retry === 'later') {
    const notBefore = now + backoff(tried, failure.retryAfter, chance);
    return { status: 'waiting', attempts: tried, notBefore, failure: kept };
  }
  const status = retry === 'person' ? 'blocked' : 'refused';
  return { status, attempts: tried, notBefore: null, failure: kept };
}
