import type { CallOptions, Intent, PullIntent, PushIntent, QueueFailure } from '../../core/ports.js';
import { numberDrafts } from '../artifacts/number-drafts.js';
import type { Repository } from '../repository.js';
import { pull, pullRebase } from '../sync/pull.js';
import { type CleanPull, pullIfClean } from '../sync/pull-if-clean.js';
import { push } from '../sync/push.js';
import { pushWithPull } from '../sync/push-with-pull.js';

/** What came of doing what was asked: done, or an answer that needs a person. */
export type Performed =
  | { readonly status: 'done'; readonly message: string }
  | { readonly status: 'blocked'; readonly failure: QueueFailure };

interface PerformOptions extends CallOptions {
  readonly onConflict: 'stop' | 'leave';
}

/**
 * Does what an intent asks for.
 *
 * @throws {SyncError} the codes of `push`, `pull` and `numberDrafts`
 */
export async function performIntent(repo: Repository, intent: Intent, options: PerformOptions): Promise<Performed> {
  switch (intent.do) {
    case 'push':
      return performPush(repo, intent, options);
    case 'pull':
      return performPull(repo, intent, options);
    case 'number':
      return performNumber(repo, options);
  }
}

async function performPush(repo: Repository, intent: PushIntent, options: PerformOptions): Promise<Performed> {
  const result = intent.pull ? await pushWithPull(repo, options) : await push(repo, options);
  switch (result.status) {
    case 'pushed':
      return done(`pushed ${result.commits} ${result.commits === 1 ? 'commit' : 'commits'}`);
    case 'rejected':
      return blocked('REJECTED', 'the origin has commits that are not merged here; pull, then push');
    case 'conflicted':
      return conflicted(result.conflicts);
    default:
      return done('there was nothing left to push');
  }
}

async function performPull(repo: Repository, intent: PullIntent, options: PerformOptions): Promise<Performed> {
  const { do: _, rebase = false, ...how } = intent;
  const { onConflict, ...call } = options;
  const asked = { ...how, ...call };
  if (onConflict === 'leave') return pulled(await pullIfClean(repo, { ...asked, rebase }));
  const merged = rebase ? (await pullRebase(repo, asked)).rebased : (await pull(repo, asked)).merged;
  return pulled(merged?.status === 'conflicted' ? merged : { status: 'pulled' });
}

async function performNumber(repo: Repository, options: CallOptions): Promise<Performed> {
  const { numbered, refused } = (await numberDrafts(repo, options)) ?? { numbered: [], refused: [] };
  const [first] = refused;
  if (first) return { status: 'blocked', failure: { code: first.code, message: first.message } };
  return done(
    numbered.map(({ handle, id }) => `${handle} is ${id}`).join(', ') || 'no draft was left without a number',
  );
}

function pulled(result: CleanPull): Performed {
  return result.status === 'conflicted' ? conflicted(result.conflicts) : done('pulled');
}

function conflicted(conflicts: readonly { readonly path: string }[]): Performed {
  const paths = conflicts.map(({ path }) => path).join(', ');
  return blocked('CONFLICTED', `changed both here and at the origin: ${paths || 'a folder'}`);
}

function done(message: string): Performed {
  return { status: 'done', message };
}

function blocked(code: string, message: string): Performed {
  return { status: 'blocked', failure: { code, message } };
}
