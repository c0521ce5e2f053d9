import type { Sides } from '../../core/merge/combine.js';
import { findFrontmatter } from '../frontmatter-range.js';
import { readDocument } from './document.js';
import { cutText } from './lines.js';
import { mergeDocuments } from './merge-sections.js';
import { eachSide, type LineMerge, type MergedPart } from './part.js';
import { commonLineEnd, cutEnding, mergeEndings } from './text-ending.js';

/**
 * Merges three versions of a document by their parts.
 *
 * To the merge each text ends in one blank line, so that what is added at the end of a document is like what is added
 * anywhere else.
 *
 * @returns undefined when not all of them have frontmatter, or none, when their lines end differently, or when both sides
 *   changed what the text ends in
 */
export function mergeStructure(texts: Sides<string>, mergeLines: LineMerge): MergedPart | undefined {
  const lineEnd = commonLineEnd([texts.base, texts.ours, texts.theirs]);
  const withFrontmatter = Object.values(texts).filter((text) => findFrontmatter(text)).length;
  const cut = eachSide((side) => cutEnding(texts[side]));
  const ending = mergeEndings(eachSide((side) => cut[side].ending));
  if (lineEnd === undefined || ending === undefined || withFrontmatter % 3 > 0) return undefined;

  const documents = eachSide((side) => readDocument(cut[side].text + lineEnd + lineEnd));
  const { lines, hunks } = mergeDocuments({ documents, mergeLines });
  const { text } = cutEnding(lines.join(''));
  const endsInConflict = hunks.at(-1)?.result.end === cutText(text).length;
  const merged = { lines: cutText(text + (ending === '' && endsInConflict ? lineEnd : ending)), hunks };
  return ascends(merged) ? merged : undefined;
}

/** Conflicts stand in one order in all versions, unless things moved without anyone noticing. */
function ascends({ hunks }: MergedPart): boolean {
  return hunks.every((hunk, i) => {
    const last = hunks[i - 1];
    return (
      !last || (['base', 'ours', 'theirs', 'result'] as const).every((file) => last[file].start <= hunk[file].start)
    );
  });
}
