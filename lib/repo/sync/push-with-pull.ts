import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../core/errors.js';
import type { CallOptions, ConflictKind } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import type { DraftReport } from '../artifacts/number-drafts.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import type { Erased } from '../erasure/erase-here.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { type PullOptions, pull } from './pull.js';
import { type CleanPull, pullIfClean } from './pull-if-clean.js';
import { type PushResult, push, pushOutcome } from './push.js';

/** What came of pushing against others: as `push`, or stopped by a conflict that a pull on the way found. */
export type PushWithPullResult = (
  | PushResult
  | {
      readonly status: 'conflicted';
      readonly drafts?: DraftReport;
      readonly erased?: Erased;
      readonly conflicts: readonly { readonly path: string; readonly kind: ConflictKind | undefined }[];
    }
) & {
  /** How often it was pushed; left out by a push that is not repeated. */
  readonly attempts?: number;
};

/** How long to keep trying. */
export interface PushWithPullOptions extends CallOptions {
  /** As for `pull`. */
  readonly allowUnrelated?: boolean;
  /** 100 when left out. */
  readonly attempts?: number;
  /** Whether a conflict stops the pull on the way for a person, as it does when left out, or is left for later. */
  readonly onConflict?: 'stop' | 'leave';
}

/** Milliseconds that the wait may grow by with each lost race: about what one push takes. */
const SLOT = 30;
const LONGEST_WAIT = 1000;

/**
 * Pushes; after a lost race pulls and pushes again, until it is through, a conflict needs a person, or it was tried often
 * enough.
 *
 * The losers of a race wait for a random, growing while, since each of them that tries again at once makes the others lose.
 *
 * @throws {SyncError} the codes of `push` and `pull`, `ABORTED`
 */
export function pushWithPull(repo: Repository, options: PushWithPullOptions = {}): Promise<PushWithPullResult> {
  const run = () => recordOperation(repo, 'push', () => pushUntilThrough(repo, options));
  return asSyncOperation(repo, 'push', run, pushOutcome);
}

async function pushUntilThrough(
  repo: Repository,
  { attempts = 100, onConflict = 'stop', ...options }: PushWithPullOptions,
): Promise<PushWithPullResult> {
  let result = await push(repo, options);
  const { drafts } = result;
  let lost = 1;
  for (; result.status === 'rejected' && lost < attempts; lost++) {
    if (lost > 1) await wait(Math.random() * Math.min(lost * SLOT, LONGEST_WAIT), options.signal);
    const pulled = onConflict === 'stop' ? await pullAndStop(repo, options) : await pullIfClean(repo, options);
    if (pulled.status === 'conflicted') return { ...pulled, attempts: lost, ...(drafts ? { drafts } : {}) };
    repo.telemetry.measure('retries', 1, { operation: 'push' });
    // The sooner after the pull, the fewer come in between.
    const current = repo.store.refs.get(ORIGIN_MAIN);
    result = await push(repo, { ...options, ...(current ? { current } : {}) });
  }
  return { ...result, attempts: lost, ...(drafts ? { drafts } : {}) };
}

async function pullAndStop(repo: Repository, options: PullOptions): Promise<CleanPull> {
  const { merged } = await pull(repo, options);
  if (merged?.status !== 'conflicted') return { status: 'pulled' };
  return { status: 'conflicted', conflicts: merged.conflicts };
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw new SyncError('ABORTED', 'interrupted while waiting to push again', { cause });
  }
}
