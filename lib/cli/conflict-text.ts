import type { Conflict } from '../core/ports.js';
import { plain } from './output.js';

/** How to go on when a merge waits. */
export const HOW_TO_SETTLE = [
  "Settle each with 'agent sync resolve', then run 'agent sync merge --continue';",
  "or go back to where you were with 'agent sync merge --abort'.",
];

/** Conflicts, one a line. */
export function formatConflicts(conflicts: readonly Conflict[]): string[] {
  return conflicts.map(({ path, kind }) => `  ${kind}: ${plain(path)}`);
}
