import type { Times } from './measure.js';
import { type Aim, isMet, type Row, ratio } from './row.js';

const HEADER = ['measurement', 'agent-sync [ms]', 'against', 'its time [ms]', 'ratio [x]', 'aim', 'met'];
const RIGHT = new Set([1, 3, 4]);

/** Formats rows as a table: medians, with the least and the greatest of the runs in brackets. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    formatTimes(row.ours),
    row.against,
    formatTimes(row.theirs),
    ratio(row).toFixed(2),
    (row.aims ?? []).map(formatAim).join(', ') || '-',
    (row.aims ?? []).map((aim) => (isMet(row, aim) ? 'yes' : 'NO')).join(', ') || '-',
  ]);
  const widths = HEADER.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]!.length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (RIGHT.has(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(HEADER), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}

function formatTimes({ median, min, max }: Times): string {
  const digits = median < 10 ? 2 : median < 100 ? 1 : 0;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

function formatAim({ most, of }: Aim): string {
  return of === 'ratio' ? `<= ${most}x` : `< ${most} ms`;
}
