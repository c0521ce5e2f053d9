import type { PushWithPullResult } from '../repo/sync/push-with-pull.js';
import { formatRange } from './commit-text.js';
import { HOW_TO_SETTLE } from './conflict-text.js';
import { formatDrafts } from './draft-text.js';
import { formatErased } from './erasure-text.js';
import { type Answer, count, plain } from './output.js';

/** What the push commands say. */
export function answerPush(result: PushWithPullResult): Answer {
  const text = [...formatErased(result.erased), ...formatDrafts(result.drafts), formatPush(result)].join('\n');
  const isRefused = result.status === 'rejected' || result.status === 'conflicted';
  return { text, document: result, code: isRefused ? 1 : 0 };
}

/** What a push did, as `git push` would say it, with advice when it was rejected. */
export function formatPush(result: PushWithPullResult): string {
  switch (result.status) {
    case 'nothing-to-push':
      return 'Nothing to push: nothing is committed yet.';
    case 'up-to-date':
      return 'Everything up-to-date.';
    case 'pushed':
    case 'would-push': {
      const { from, to, commits, objects } = result;
      const what = `${count(commits, 'commit')}, ${count(objects, 'object')}`;
      const mark = from === null ? ' * [new branch]     ' : '  ';
      return [
        `${result.status === 'pushed' ? 'Pushed' : 'Would push'} ${what}:`,
        `${mark} ${formatRange(from, to)}  main -> main`,
      ].join('\n');
    }
    case 'rejected':
      return formatRejected(result.reason);
    case 'conflicted':
      return [
        `Nothing was pushed: ${count(result.conflicts.length, 'artifact')} changed both here and at the origin:`,
        ...result.conflicts.map(({ path, kind }) => `  ${kind ?? 'conflict'}: ${plain(path)}`),
        ...HOW_TO_SETTLE,
      ].join('\n');
  }
}

function formatRejected(reason: 'fetch-first' | 'non-fast-forward'): string {
  const why =
    reason === 'fetch-first'
      ? 'The origin has commits that you do not have here.'
      : 'The origin has commits that are not merged into yours.';
  return [
    ` ! [rejected]  main -> main  (${reason.replace('fetch-first', 'fetch first')})`,
    `Nothing was pushed. ${why}`,
    "Bring them in with 'agent sync pull', then push again.",
  ].join('\n');
}
