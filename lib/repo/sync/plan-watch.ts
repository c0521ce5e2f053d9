import type { Oid } from '../../core/object/oid.js';
import type { RefName } from '../../core/ports.js';
import { backoff, LONGEST_ASKED } from '../queue/plan-queue.js';

/** What decides when a watch looks at the origin next, unless something tells it sooner. */
export interface WatchMoment {
  /** Whether the origin tells of moves. */
  readonly live: boolean;
  /** How many looks have failed since the last that did not, and how long the origin wants to be left alone after it, in seconds. */
  readonly failures: number;
  readonly retryAfter: number | undefined;
  /** Whether what was fetched could not be merged. */
  readonly blocked: boolean;
  /** Seconds until something in the queue may be tried again; undefined when nothing waits. */
  readonly queueDue: number | undefined;
}

/** How much longer an origin that tells of moves is left alone: what it forgot to tell is found then. */
const LIVE_FACTOR = 10;

/**
 * How many seconds to wait before the next look: after a failure, and while something waits to be merged, not much longer than
 * the interval, unless the origin asked for it. Without jitter all who watch would ask at the same moments.
 *
 * @param interval seconds between looks at an origin that does not tell
 * @param chance from 0 up to 1
 */
export function planNextLook(
  { live, failures, retryAfter, blocked, queueDue = Number.POSITIVE_INFINITY }: WatchMoment,
  interval: number,
  chance: number,
): number {
  if (failures > 0) {
    const asked = Math.min(LONGEST_ASKED, retryAfter ?? 0);
    return Math.max(asked, Math.min(interval, backoff(failures, retryAfter, chance)));
  }
  const pause = live && !blocked ? LIVE_FACTOR * interval : interval;
  return Math.max(0, Math.min(queueDue, pause * (0.8 + 0.4 * chance)));
}

/**
 * How many seconds until something in the queue may be tried again; undefined when nothing waits.
 *
 * What was due and was not tried waits for a merge to be finished, or for the process that runs it: to look every second would
 * not make that sooner.
 *
 * @param next when the first that waits may be tried, in seconds since the epoch
 * @param tried whether anything was
 * @param interval as for `planNextLook`
 */
export function planQueueDue(next: number | null, tried: boolean, now: number, interval: number): number | undefined {
  if (next === null) return undefined;
  if (next > now) return next - now;
  return tried ? 1 : interval;
}

/** A remote-tracking ref that is not where it was last reported. */
export interface MovedRef {
  readonly ref: RefName;
  readonly from: Oid | null;
  readonly to: Oid;
}

/**
 * What moved since it was last reported, whoever fetched it.
 *
 * @param reported by name of ref
 */
export function planReport(reported: ReadonlyMap<RefName, Oid>, now: ReadonlyMap<RefName, Oid>): MovedRef[] {
  return [...now]
    .map(([ref, to]) => ({ ref, from: reported.get(ref) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}
