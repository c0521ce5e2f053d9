import type { FileChange } from './detect-renames.js';
import { changeLetter, type FileDiff } from './diff-file.js';
import { quotePath } from './quote-path.js';

/** Columns that the graph may have, however long the names. */
const MIN_GRAPH = 6;

/** One line of `git diff --stat`. */
interface StatRow {
  readonly name: string;
  readonly added: number;
  readonly deleted: number;
  /** Of a binary file, instead of the graph; empty where only its name or mode changed. */
  readonly sizes?: string;
}

/**
 * Lists changed files with the letters of `git diff --name-status`, one a line.
 *
 * @see git-diff(1) `--name-status`
 */
export function formatNameStatus(changes: readonly FileChange[]): string {
  return changes
    .map((change) => {
      const { from, path, similarity } = change;
      if (from === undefined) return `${changeLetter(change)}\t${quotePath(path)}\n`;
      return `R${`${similarity}`.padStart(3, '0')}\t${quotePath(from)}\t${quotePath(path)}\n`;
    })
    .join('');
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
      name: statName(diff),
      added: diff.added,
      deleted: diff.deleted,
      ...(diff.binary && {
        sizes: diff.before?.oid === diff.after?.oid ? '' : formatSizes(diff.oldSize, diff.newSize),
      }),
    }),
  );
  const most = largest(rows.map(({ added, deleted }) => added + deleted));
  const numbers = Math.max(`${most}`.length, rows.some(({ sizes }) => sizes !== undefined) ? 'Bin'.length : 0);
  const { names, graph } = divideColumns(rows, most, numbers, width);
  const lines = rows.map(({ name, added, deleted, sizes }) => {
    const head = ` ${shorten(name, names).padEnd(names)} | `;
    if (sizes !== undefined) return `${head}${'Bin'.padStart(numbers)} ${sizes}`.trimEnd();
    const count = `${added + deleted}`.padStart(numbers);
    return added + deleted === 0 ? head + count : `${head}${count} ${bar(added, deleted, graph, most)}`;
  });
  return [...lines, summary(rows), ''].join('\n');
}

/** The path; for a rename both, with the folders that they share around braces. */
function statName({ path, from }: FileDiff): string {
  if (from === undefined) return quotePath(path);
  if (quotePath(from) !== from || quotePath(path) !== path) return `${quotePath(from)} => ${quotePath(path)}`;
  const shorter = Math.min(from.length, path.length);
  let prefix = 0;
  for (let i = 0; i < shorter && from[i] === path[i]; i++) if (from[i] === '/') prefix = i + 1;
  let suffix = 0;
  // The slash that ends the prefix may also begin the suffix.
  const most = shorter - Math.max(0, prefix - 1);
  for (let i = 1; i <= most && from.at(-i) === path.at(-i); i++) if (from.at(-i) === '/') suffix = i;
  const middle = (whole: string) => whole.slice(prefix, Math.max(prefix, whole.length - suffix));
  if (prefix + suffix === 0) return `${from} => ${path}`;
  return `${path.slice(0, prefix)}{${middle(from)} => ${middle(path)}}${path.slice(path.length - suffix)}`;
}

function formatSizes(before: number, after: number): string {
  return `${before} -> ${after} bytes`;
}

/** Shares the columns out: what all need if there is room, otherwise at most 3/8 for numbers and graph. */
function divideColumns(rows: readonly StatRow[], most: number, numbers: number, width: number) {
  const longestSizes = largest(
    rows.map(({ sizes }) => (sizes === undefined ? 0 : (sizes || formatSizes(0, 0)).length)),
  );
  // A blank before the name, one at the end, and ' | ' and a blank around the number.
  const room = width - numbers - 6;
  let names = largest(rows.map(({ name }) => name.length));
  let graph = Math.max(most, longestSizes + numbers - 3);
  if (names + graph > room) {
    graph = Math.min(graph, Math.max(MIN_GRAPH, Math.floor((width * 3) / 8) - numbers - 6));
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
