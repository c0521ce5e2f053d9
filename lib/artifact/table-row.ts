const DELIMITER_ROW = /^\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?$/;

/** Counts the cells of a table's row; 0 for a line without `|`. */
export function countCells(row: string): number {
  if (!row.includes('|')) return 0;
  const bare = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return bare.split(/(?<!\\)\|/).length;
}

/** Tells whether a line can stand between the head of a table and its rows: `|---|:--:|`. */
export function isDelimiterRow(row: string): boolean {
  return DELIMITER_ROW.test(row.trim());
}
