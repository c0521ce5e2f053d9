import { changeLetter } from '../core/diff/diff-file.js';
import type { TreeChange } from '../core/diff/diff-trees.js';
import { plain } from './output.js';

/** Changed files, one a line, the first `most` of them. */
export function formatChanges(changes: readonly TreeChange[], most = 20): string[] {
  const lines = changes.slice(0, most).map((change) => `  ${changeLetter(change)} ${plain(change.path)}`);
  return changes.length > most ? [...lines, `  and ${changes.length - most} more`] : lines;
}
