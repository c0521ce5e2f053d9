import type { Repository } from '../../repo/repository.js';
import { shorten } from '../commit-text.js';
import type { AgentContext } from '../context.js';
import { type Answer, count } from '../output.js';
import { type WalkedConflicts, walkConflicts } from './run-walk.js';

/**
 * Walks a person through the open conflicts, and says how it ended.
 *
 * @param asked the artifact to keep to; all when left out
 * @throws {SyncError} the codes of `walkConflicts`
 */
export async function answerByWalk(context: AgentContext, repo: Repository, asked?: string): Promise<Answer> {
  const walked = await walkConflicts(context, repo, asked);
  return { text: format(walked), document: walked, code: walked.open.length > 0 ? 1 : 0 };
}

function format({ open, finished }: WalkedConflicts): string {
  if (finished) return `Committed the merge as ${shorten(finished.commit)}.`;
  if (open.length === 0) return "Finish with 'agent sync merge --continue'.";
  return `${count(open.length, 'conflict')} left. Go on with 'agent sync resolve', or go back with 'agent sync merge --abort'.`;
}
