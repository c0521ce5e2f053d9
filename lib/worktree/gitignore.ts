/**
 * Adds entries to a `.gitignore`, keeping what is there and its line ends.
 *
 * @param text the file as it is; undefined when there is none
 * @param entries patterns relative to the file; one that stands there, with or without a leading `/`, is not added again
 * @returns the new text; undefined when nothing is to be changed
 * @see gitignore(5)
 */
export function planGitignore(text: string | undefined, entries: readonly string[]): string | undefined {
  const present = new Set((text ?? '').split(/\r?\n/).map((line) => line.trimEnd().replace(/^\//, '')));
  const missing = entries.filter((entry) => !present.has(entry.replace(/^\//, '')));
  if (missing.length === 0) return undefined;
  const newline = text?.includes('\r\n') ? '\r\n' : '\n';
  const start = text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : text + newline;
  return start + missing.map((entry) => entry + newline).join('');
}
