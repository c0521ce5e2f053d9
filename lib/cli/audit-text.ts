import type { AuditedMove } from '../core/ports.js';
import type { AuditLog, ShownEntry } from '../repo/audit/read-audit.js';
import type { AuditVerdict } from '../repo/audit/verify-audit.js';
import { shorten } from './commit-text.js';
import { formatCsv } from './csv.js';
import { count, plain } from './output.js';

/** An entry on one line: number, time, who, what, what came of it, and what it moved. */
export function formatEntry({ number, at, who, action, result, detail }: ShownEntry): string {
  const day = at.replace('T', ' ').slice(0, 16);
  const about = formatDetail(detail);
  const line = `${String(number).padStart(5)}  ${day}  ${who}  ${action}: ${result}${about && ` (${about})`}`;
  return plain(line).replace(/[\n\t]/g, ' ');
}

function formatDetail(detail: ShownEntry['detail']): string {
  const { refs, asked, ...rest } = detail;
  const facts = Object.entries(rest).flatMap(([name, value]) =>
    ['string', 'number'].includes(typeof value) ? [`${name} ${shortenOid(String(value))}`] : [],
  );
  return [...formatMoves(refs), ...formatMoves(asked), ...facts].join(', ');
}

function formatMoves(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return (value as AuditedMove[]).map(({ name, before, after }) => {
    const short = String(name).replace(/^refs\/(heads|remotes)\//, '');
    return `${short} ${before ? shorten(before) : 'none'} -> ${after ? shorten(after) : 'none'}`;
  });
}

function shortenOid(text: string): string {
  return /^[0-9a-f]{40}$/.test(text) ? shorten(text) : text;
}

/** Entries as a table for other programs. */
export function formatEntriesCsv(entries: readonly ShownEntry[]): string {
  const rows = entries.map((entry) => COLUMNS.map((column) => cellOf(entry[column])));
  return formatCsv([COLUMNS.map((column) => (column === 'detailText' ? 'detail' : column)), ...rows]);
}

function cellOf(value: string | number | null): string | number | null {
  return typeof value === 'string' ? plain(value) : value;
}

const COLUMNS = [
  ...(['number', 'at', 'actor', 'who', 'action', 'result', 'client', 'traceparent'] as const),
  ...(['detailText', 'previous', 'hash'] as const),
];

/** What checking a chain came to. */
export function formatVerdict(log: AuditLog, { entries, head, problem }: AuditVerdict): string {
  const whose = log === 'origin' ? "the origin's audit" : 'the audit of this store';
  if (problem) return `The chain of ${whose} is broken: ${problem.message}.`;
  const end = head ? `, up to ${head.hash.slice(0, 12)}` : '';
  return `Checked ${count(entries, 'entry', 'entries')} of ${whose}${end}: the chain is whole.`;
}
