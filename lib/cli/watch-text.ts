import type { Change } from '../repo/history/describe-change.js';
import type { WatchEvent } from '../repo/sync/watch.js';
import { shorten } from './commit-text.js';
import { formatFetched } from './fetch-text.js';
import { formatMerge } from './merge-text.js';
import { describeFailure, plain } from './output.js';

/** More than this of one change is counted, not shown. */
const MOST_LINES = 20;

/** What a watch tells, for people. */
export function formatEvent(event: WatchEvent, interval: number): string {
  switch (event.type) {
    case 'online':
      return event.live
        ? `Watching ${event.url}, which tells of changes.`
        : `Watching ${event.url}, which is asked every ${interval} s.`;
    case 'offline':
      return plain(`Offline: ${event.failure.message} [${event.failure.code}]; it is asked again.`);
    case 'change':
      return formatChange(event).join('\n');
    case 'pulled':
    case 'conflicted':
      return formatMerge(event.merged, 'origin/main').join('\n');
    case 'blocked': {
      const { message, code, hint } = event.failure;
      return plain([`Not merged yet: ${message} [${code}]`, ...(hint ? [hint] : [])].join('\n'));
    }
    case 'queue':
      return event.steps
        .map(({ id, status, message, failure }) => plain(`Queue ${id}: ${status}${formatOutcome(message, failure)}`))
        .join('\n');
  }
}

/** What a watch tells, for machines. */
export function describeEvent(event: WatchEvent): unknown {
  return 'failure' in event ? { ...event, failure: describeFailure(event.failure) } : event;
}

function formatChange({ ref, from, to, forced, commits, artifacts }: Change): string[] {
  return [
    ...formatFetched({ refs: [{ name: ref, from, to, forced }] }),
    ...atMost(commits.map(({ oid, author, subject }) => `     ${shorten(oid)} ${author}: ${subject}`)),
    ...atMost(artifacts.map(formatArtifact)),
  ].map(plain);
}

function formatArtifact({ path, from, change, state }: Change['artifacts'][number]): string {
  const states = state.before === state.after ? '' : `  ${state.before ?? '-'} -> ${state.after ?? '-'}`;
  return `     ${change} ${from === null ? '' : `${from} -> `}${path}${states}`;
}

function atMost(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  return [...lines.slice(0, MOST_LINES), `     and ${lines.length - MOST_LINES} more`];
}

function formatOutcome(message: string, failure: { readonly code: string; readonly message: string } | null): string {
  const said = failure ? `${failure.message} [${failure.code}]` : message;
  return said === '' ? '' : `: ${said}`;
}
