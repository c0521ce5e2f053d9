import type { PushResult } from '../repo/push.js';
import { formatRange } from './commit-text.js';
import { count } from './output.js';

/** What a push did, as `git push` would say it, with advice when it was rejected. */
export function formatPush(result: PushResult): string {
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
