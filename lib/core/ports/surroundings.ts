/** What a process has around it. */

/** The time, for commits and the reflog. */
export interface Clock {
  /** Seconds since the epoch, and minutes east of UTC. */
  now(): { readonly seconds: number; readonly offset: number };
}

/** Randomness for ids that must not collide. */
export interface Entropy {
  /** A version 4 UUID, RFC 9562. */
  uuid(): string;
}
