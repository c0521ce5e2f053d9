/** What waits for the origin. */

/**
 * What somebody wants done at the origin, and not a snapshot of it: what is sent is worked out when it is sent, so that doing it
 * twice does no harm.
 */
export type Intent = PushIntent | PullIntent | NumberIntent;

/** Send what is committed by then. */
export interface PushIntent {
  readonly do: 'push';
  /** Whether to pull, and push again, when others were first. */
  readonly pull?: true;
}

/** Get what the origin has by then. */
export interface PullIntent {
  readonly do: 'pull';
  readonly rebase?: true;
  readonly favor?: 'ours' | 'theirs';
  readonly fastForward?: 'only' | 'never';
  readonly allowUnrelated?: true;
}

/** Have numbers issued for the drafts that have none by then. */
export interface NumberIntent {
  readonly do: 'number';
}

/** What came of the last attempt. */
export interface QueueFailure {
  /** A code of `SyncError`; `CONFLICTED` or `REJECTED` for an answer that needs a person. */
  readonly code: string;
  readonly message: string;
  /** Seconds that the origin wanted to be left alone for. */
  readonly retryAfter?: number;
}

/** `waiting` for the origin, `blocked` until a person has done something, `refused` for good. */
export type QueueStatus = 'waiting' | 'blocked' | 'refused';

/** An intent in the queue. */
export interface QueuedIntent {
  /** Counts up; the order in which intents run. */
  readonly id: number;
  readonly intent: Intent;
  readonly status: QueueStatus;
  /** How often it was tried since it was last asked for. */
  readonly attempts: number;
  /** Seconds since the epoch; null when it may run at once. */
  readonly notBefore: number | null;
  readonly failure: QueueFailure | null;
  /** How often it was asked for; what was done for an earlier time does not end a later one. */
  readonly asked: number;
  /** When it was last asked for, in seconds since the epoch. */
  readonly queuedAt: number;
  /** Who runs it at the moment; null for nobody. */
  readonly claim: QueueClaim | null;
}

/** The process that runs an intent; one that was killed leaves its claim behind. */
export interface QueueClaim {
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** What became of an intent that was tried and not done. */
export type QueueOutcome = Pick<QueuedIntent, 'status' | 'attempts' | 'notBefore' | 'failure'>;

/** The queue of a store. */
export interface QueueStore {
  /** In order. */
  list(): QueuedIntent[];
  /** Asks for something; what is in the queue already waits anew in its old place. */
  add(intent: Intent, time: number): QueuedIntent;
  setClaim(id: number, claim: QueueClaim): void;
  /** Takes out an intent that was done, unless it was asked for again meanwhile. */
  finish({ id, asked }: QueuedIntent): void;
  /** Ends the claim and keeps what came of the attempt, unless the intent was asked for again meanwhile. */
  putBack({ id, asked }: QueuedIntent, outcome: QueueOutcome): void;
  /** @returns false when it is not there */
  drop(id: number): boolean;
}
