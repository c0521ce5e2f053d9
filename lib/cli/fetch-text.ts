import type { FetchResult } from '../repo/sync/fetch.js';
import { formatRange } from './commit-text.js';
import { formatErased } from './erasure-text.js';
import { plain } from './output.js';

/** What a fetch erased, and the refs that it moved, one a line, as `git fetch` prints them. */
export function formatFetched({ refs, erased }: Pick<FetchResult, 'refs' | 'erased'>): string[] {
  const moved = refs.map(({ name, from, to, forced }) => {
    const tracking = plain(name.replace(/^refs\/remotes\//, ''));
    const branch = tracking.replace(/^origin\//, '');
    if (from === null) return ` * [new branch]      ${branch} -> ${tracking}`;
    const range = formatRange(from, to);
    return forced
      ? ` + ${range.replace('..', '...')}  ${branch} -> ${tracking}  (forced update)`
      : `   ${range}  ${branch} -> ${tracking}`;
  });
  return [...formatErased(erased), ...moved];
}
