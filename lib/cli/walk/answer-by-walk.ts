import type { Repository } from '../../repo/repository.js';
import { shorten } from '../commit-text.js';
import { formatNext } from '../conflict-text.js';
import type { AgentContext } from '../context.js';
import type { Answer } from '../output.js';
import { formatRebase } from '../rebase-text.js';
import { type WalkedConflicts, walkConflicts } from './run-walk.js';

/**
 * Walks a person through the open conflicts, and says how it ended.
 *
 * @param asked the artifact to keep to; all when left out
 * @throws {SyncError} the codes of `walkConflicts`
 */
export async function answerByWalk(context: AgentContext, repo: Repository, asked?: string): Promise<Answer> {
  const walked = await walkConflicts(context, repo, asked);
  return { text: format(walked), document: walked, code: walked.open > 0 ? 1 : 0 };
}

function format({ finished, open, rebasing }: WalkedConflicts): string {
  if (finished && 'status' in finished) return formatRebase(finished).join('\n');
  if (finished) return `Committed the merge as ${shorten(finished.commit)}.`;
  const later = ` Go on with 'agent sync resolve', or go back with 'agent sync ${rebasing ? 'rebase' : 'merge'} --abort'.`;
  return `${formatNext({ open, rebasing })}${open > 0 ? later : ''}`;
}
