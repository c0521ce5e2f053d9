import type { OperationStats, Stats } from '../repo/stats.js';
import { count, plain } from './output.js';
import { formatBytes } from './size-text.js';

/** What was measured, for people. */
export function formatStats({ operations, merges, origin, artifacts, objects, storeBytes, queue }: Stats): string {
  const kinds = Object.entries(artifacts).map(([kind, n]) => count(n, kind, kind === 'story' ? 'stories' : `${kind}s`));
  const waiting = Object.entries(queue).map(([status, n]) => `${n} ${status}`);
  return [
    ...formatOperations(operations),
    `Merges      ${formatMerges(merges)}`,
    `Origin      ${formatOrigin(origin)}`,
    `Artifacts   ${kinds.join(', ')}`,
    `Store       ${count(objects, 'object')}, ${formatBytes(storeBytes)}`,
    `Queue       ${waiting.join(', ')}`,
  ].join('\n');
}

function formatOperations(operations: readonly OperationStats[]): string[] {
  if (operations.length === 0) return [];
  const rows = operations.map(({ operation, count, failed, mean, p95 }) => [
    plain(operation),
    String(count),
    String(failed),
    formatSeconds(mean),
    formatSeconds(p95),
  ]);
  const table = [['operation', 'count', 'failed', 'mean', '95 % within'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  return [...lines, ''];
}

function formatMerges({ merged, conflicted, conflicts, conflictRate }: Stats['merges']): string {
  if (conflictRate === null) return 'none so far';
  const share = `${Math.round(100 * conflictRate)} %`;
  return `${merged + conflicted}, of which ${conflicted} stopped (${share}) for ${count(conflicts, 'conflict')}`;
}

function formatOrigin({ requests, sentBytes, receivedBytes, retries }: Stats['origin']): string {
  const all = Object.values(requests).reduce((sum, n) => sum + n, 0);
  const failed = Object.entries(requests).filter(([result]) => result !== 'ok');
  const tried = Object.values(retries).reduce((sum, n) => sum + n, 0);
  return [
    count(all, 'request'),
    ...failed.map(([code, n]) => `${n} ${plain(code)}`),
    `${formatBytes(sentBytes)} sent`,
    `${formatBytes(receivedBytes)} received`,
    count(tried, 'retry', 'retries'),
  ].join(', ');
}

/** Such as `23 ms` or `1.5 s`. */
function formatSeconds(seconds: number): string {
  return seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${seconds.toFixed(1)} s`;
}
