import type { Sides } from '../../core/merge/combine.js';
import { readFacts } from '../facts.js';
import { readHeadings } from '../outline.js';
import { validateChange } from '../validate.js';
import { keepsLines, keepsOrder } from './kept-lines.js';
import { cutText } from './lines.js';
import { eachSide, type MergedPart } from './part.js';

/**
 * Holds what came of a merge by parts against what went into it. No line may be lost or come back; without conflicts, no
 * line or heading may change places, the title must be one side's, and there may be no problem that all versions are free
 * of, such as a state that none of them has.
 *
 * @param path below `.agent/cache`
 */
export function isSound(path: string, texts: Sides<string>, { lines, hunks }: MergedPart): boolean {
  const versions = eachSide((side) => cutText(texts[side]));
  if (!keepsLines(versions, lines, outside(lines, hunks))) return false;
  if (hunks.length > 0) return true;
  if (!keepsOrder(versions, lines)) return false;
  const text = lines.join('');
  const headings = (of: string) => readHeadings(of).map((heading) => `${heading.level} ${heading.text}`);
  const { title } = readFacts(path, text);
  return (
    keepsLines(
      eachSide((side) => headings(texts[side])),
      headings(text),
    ) &&
    [texts.ours, texts.theirs].some((side) => readFacts(path, side).title === title) &&
    validateChange(path, Object.values(texts), text).length === 0
  );
}

/** The lines that stand in no conflict. */
function outside(lines: readonly string[], hunks: MergedPart['hunks']): readonly string[] {
  const starts = [...hunks.map(({ result }) => result.start), lines.length];
  return starts.flatMap((start, i) => lines.slice(hunks[i - 1]?.result.end ?? 0, start));
}
