import { formatFinding, isReplaced, type PlacedFinding } from '../repo/privacy/gate.js';
import type { HistoryFindings } from '../repo/privacy/scrub-history.js';
import { formatUnclean, type Unclean } from '../repo/privacy/unclean.js';
import { plain } from './output.js';

/** A line for each place in the files on disk. */
export function formatDiskFindings(findings: readonly PlacedFinding[]): string {
  if (findings.length === 0) return 'Nothing to scrub in the files on disk.';
  return findings
    .map((finding) => plain(`${formatFinding(finding)}${isReplaced(finding) ? '' : ', only told of'}`))
    .join('\n');
}

/** A line for each place in commits that were never pushed. */
export function formatUncleanCommits(own: readonly Unclean[]): string {
  if (own.length === 0) return 'Nothing to scrub in commits that were never pushed.';
  return formatUnclean(own).map(plain).join('\n');
}

/** What is said of commits that cannot be rewritten. */
export function formatPushed({ pushed }: HistoryFindings): string[] {
  if (pushed.length === 0) return [];
  return [
    ...formatUnclean(pushed).map((line) => `warning: already at the origin: ${line}`),
    "hint: what was pushed is not rewritten; replace the keys, and see 'agent sync purge --help'.",
  ];
}
