import type { ChangeResult } from '../repo/artifacts/change-artifact.js';
import { shorten } from './commit-text.js';
import { type Answer, plain } from './output.js';

/** What `edit`, `set-state` and `rm` say. */
export function answerChange(result: ChangeResult, verb = 'Changed'): Answer {
  const text =
    result.status === 'unchanged'
      ? `Nothing to change in ${plain(result.path)}.`
      : `${verb} ${plain(result.path)} in ${shorten(result.commit)}.`;
  return { text, document: result };
}
