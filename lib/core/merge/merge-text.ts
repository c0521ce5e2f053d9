import { type DiffAlgorithm, LineDiff } from '../diff/line-diff.js';
import { cutLines, isBinary, type Lines } from '../diff/lines.js';
import { equalBytes } from '../object/text.js';
import type { ConflictHunk } from '../ports.js';
import { combineChanges, type MergeBlock, type Sides } from './combine.js';
import { type ConflictStyle, type Favor, renderMerge } from './conflict-markers.js';
import { type MergeLevel, narrowConflicts, trimConflicts } from './refine.js';

/** How to merge; what is left out is as in `git merge`. */
export interface MergeTextOptions {
  /** What stands behind the markers; `ours`, `base` and `theirs` by default. */
  readonly labels?: Partial<Sides<string>>;
  /** `merge` by default. */
  readonly style?: ConflictStyle;
  /** `histogram` by default; `git merge-file` uses `myers`. */
  readonly algorithm?: DiffAlgorithm;
  /** `zealous` by default; `git merge-file` uses `zealous-alnum`. */
  readonly level?: MergeLevel;
  /** Characters in a marker; 7 by default. */
  readonly markerSize?: number;
  /** Settles every conflict in favour of one side, or of both; a binary file only in favour of one. */
  readonly favor?: Favor;
}

/** What came of a merge. */
export interface MergedText {
  /** `binary`: both sides changed a file that is not text, and `bytes` are ours'. */
  readonly status: 'clean' | 'conflicted' | 'binary';
  /** The merged file, with markers where it is conflicted. */
  readonly bytes: Uint8Array;
  /** How many conflicts there are; a binary file is one. */
  readonly conflicts: number;
  /** The conflicts as data, in the order of the text; none for a binary file. */
  readonly hunks: readonly ConflictHunk[];
}

/**
 * Merges two versions of a file by their common base, as git does, to the byte.
 *
 * @see git-merge-file(1), git-merge(1) "HOW CONFLICTS ARE PRESENTED"
 */
export function mergeText(
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
  options: MergeTextOptions = {},
): MergedText {
  if (equalBytes(ours, theirs) || equalBytes(base, theirs))
    return { status: 'clean', bytes: ours, conflicts: 0, hunks: [] };
  if (equalBytes(base, ours)) return { status: 'clean', bytes: theirs, conflicts: 0, hunks: [] };
  const { style = 'merge', algorithm = 'histogram', level = 'zealous', markerSize = 7, favor } = options;
  if (isBinary(base) || isBinary(ours) || isBinary(theirs)) {
    if (favor === 'ours' || favor === 'theirs')
      return { status: 'clean', bytes: favor === 'ours' ? ours : theirs, conflicts: 0, hunks: [] };
    return { status: 'binary', bytes: ours, conflicts: 1, hunks: [] };
  }
  const labels = { ours: 'ours', base: 'base', theirs: 'theirs', ...options.labels };
  const cut = cutLines([base, ours, theirs]);
  const [baseLines, ourLines, theirLines] = cut.files as [Lines, Lines, Lines];
  const lines = { base: baseLines, ours: ourLines, theirs: theirLines };
  const blocks = mergeLines(lines, new LineDiff(algorithm, cut.distinct), style, level);
  const { bytes, hunks } = renderMerge(blocks, lines, { labels, style, size: markerSize }, favor);
  return { status: hunks.length > 0 ? 'conflicted' : 'clean', bytes, conflicts: hunks.length, hunks };
}

function mergeLines(lines: Sides<Lines>, diff: LineDiff, style: ConflictStyle, level: MergeLevel): MergeBlock[] {
  const ids = { base: lines.base.ids, ours: lines.ours.ids, theirs: lines.theirs.ids };
  const blocks = combineChanges(diff.compare(ids.base, ids.ours), diff.compare(ids.base, ids.theirs), ids);
  switch (style) {
    case 'merge':
      return narrowConflicts(blocks, lines, diff, level);
    case 'zdiff3':
      return trimConflicts(blocks, lines);
    case 'diff3':
      return blocks;
  }
}
