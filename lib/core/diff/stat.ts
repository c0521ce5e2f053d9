import { changeLetter, type FileDiff } from './diff-file.js';
import type { TreeChange } from './diff-trees.js';
import { quotePath } from './quote-path.js';

/** Columns that the graph never goes below, however long the names. */
const MIN_GRAPH = 6;

/** One line of `git diff --stat`. */
interface StatRow {
  readonly name: string;
  readonly added: number;
  readonly deleted: number;
  /** What stands instead of the graph: sizes of a binary file. */
  readonly sizes?: string;
}

/**
 * Lists changed files with the letters of `git diff --name-status`, one a line.
 *
 * @see git-diff(1) `--name-status`
 */
export function formatNameStatus(changes: readonly TreeChange[]): string {
  return changes.map((change) => `${changeLetter(change)}\t${quotePath(change.path)}\n`).join('');
}

/**
 * Counts added and deleted lines by file, with a graph, as `git diff --stat` does; empty when nothing changed.
 *
 * @param width columns that a line may take
 * @see git-diff(1) `--stat`
 */
export function formatStat(diffs: readonly FileDiff[], width = 80): string {
  if (diffs.length === 0) return '';
  const rows = diffs.map(
    (diff): StatRow => ({
      name: quotePath(diff.path),
      added: diff.added,
      deleted: diff.deleted,
      ...(diff.binary && { sizes: `${diff.oldSize} -> ${diff.newSize} bytes` }),
    }),
  );
  const most = largest(rows.map(({ added, deleted }) => added + deleted));
  const numbers = Math.max(`${most}`.length, rows.some(({ sizes }) => sizes) ? 'Bin'.length : 0);
  const { names, graph } = divideColumns(rows, most, numbers, width);
  const lines = rows.map(({ name, added, deleted, sizes }) => {
    const head = ` ${shorten(name, names).padEnd(names)} | `;
    if (sizes) return `${head}${'Bin'.padStart(numbers)} ${sizes}`;
    const count = `${added + deleted}`.padStart(numbers);
    return added + deleted === 0 ? head + count : `${head}${count} ${bar(added, deleted, graph, most)}`;
  });
  return [...lines, summary(rows), ''].join('\n');
}

/** Shares the columns out: what all need if there is room, otherwise at most 3/8 for numbers and graph. */
function divideColumns(rows: readonly StatRow[], most: number, numbers: number, width: number) {
  const longestSizes = largest(rows.map(({ sizes }) => sizes?.length ?? 0));
  // A blank before the name, one at the end, and ' | ' and a blank around the number.
  const room = width - numbers - 6;
  let names = largest(rows.map(({ name }) => name.length));
  let graph = Math.max(most, longestSizes + numbers - 3);
  if (names + graph > room) {
    graph = Math.max(MIN_GRAPH, Math.min(graph, Math.floor((width * 3) / 8) - numbers - 6));
    if (names > room - graph) names = room - graph;
    else graph = room - names;
  }
  return { names, graph };
}

/** Cuts a long path at its start, at a folder if there is one. */
function shorten(name: string, columns: number): string {
  if (name.length <= columns) return name;
  const end = name.slice(name.length - (columns - 3));
  const slash = end.indexOf('/');
  return `...${slash < 0 ? end : end.slice(slash)}`;
}

function bar(added: number, deleted: number, columns: number, most: number): string {
  if (most < columns) return '+'.repeat(added) + '-'.repeat(deleted);
  const scale = (count: number) => (count === 0 ? 0 : 1 + Math.floor((count * (columns - 1)) / most));
  const total = Math.max(scale(added + deleted), added > 0 && deleted > 0 ? 2 : 0);
  const fewer = scale(Math.min(added, deleted));
  const [plus, minus] = added < deleted ? [fewer, total - fewer] : [total - fewer, fewer];
  return '+'.repeat(plus) + '-'.repeat(minus);
}

function summary(rows: readonly StatRow[]): string {
  const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  const added = rows.reduce((sum, row) => sum + row.added, 0);
  const deleted = rows.reduce((sum, row) => sum + row.deleted, 0);
  const parts = [count(rows.length, 'file changed', 'files changed')];
  if (added > 0 || deleted === 0) parts.push(count(added, 'insertion(+)', 'insertions(+)'));
  if (deleted > 0 || added === 0) parts.push(count(deleted, 'deletion(-)', 'deletions(-)'));
  return ` ${parts.join(', ')}`;
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
