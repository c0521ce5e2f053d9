/** Cuts a text after every LF. */
export function cutText(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Tells whether nothing but blanks stands on a line. */
export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** Tells whether two runs of lines are the same. */
export function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}
