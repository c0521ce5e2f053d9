import type { FetchedRef } from '../repo/sync/fetch.js';
import { formatRange } from './commit-text.js';
import { plain } from './output.js';

/** The refs that a fetch moved, one a line, as `git fetch` prints them. */
export function formatFetched(refs: readonly FetchedRef[]): string[] {
  return refs.map(({ name, from, to, forced }) => {
    const tracking = plain(name.replace(/^refs\/remotes\//, ''));
    const branch = tracking.replace(/^origin\//, '');
    if (from === null) return ` * [new branch]      ${branch} -> ${tracking}`;
    const range = formatRange(from, to);
    return forced
      ? ` + ${range.replace('..', '...')}  ${branch} -> ${tracking}  (forced update)`
      : `   ${range}  ${branch} -> ${tracking}`;
  });
}
