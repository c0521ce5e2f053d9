import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import { type Aligned, align } from './align.js';
import type { Section } from './document.js';
import { findRuns, mergeRun } from './merge-items.js';
import { mergePart } from './merge-part.js';
import { type DocumentMerge, eachSide, joinParts, type MergedPart, mergeUnchanged, partsOf } from './part.js';

/** Merges three versions of a document section by section, and what a section holds of its own item by item. */
export function mergeDocuments(merge: DocumentMerge): MergedPart {
  const roots = eachSide((side) => merge.documents[side].root);
  return mergeSection(merge, roots, roots);
}

function mergeSection(
  merge: DocumentMerge,
  { base, ours, theirs }: Sides<Section | undefined>,
  ranges: Sides<LineRange>,
): MergedPart {
  const unchanged = mergeUnchanged(partsOf(merge, ranges));
  if (unchanged) return unchanged;
  if (!base || !ours || !theirs) return mergePart(merge, ranges);
  const sections = { base, ours, theirs };
  const aligned = align(
    merge,
    eachSide((side) => sections[side].sections),
    eachSide((side) => sections[side].ownEnd),
    true,
  );
  if (!aligned || !staySiblings(aligned)) return mergePart(merge, ranges);
  const inner = aligned.map((section) => mergeSection(merge, section.versions, section.ranges));
  return joinParts([mergeOwnLines(merge, sections), ...inner]);
}

/** Tells whether no section comes to stand below one that it was beside. */
function staySiblings(sections: readonly Aligned<Section>[]): boolean {
  const levels = sections.map(({ versions: { ours, theirs } }) => [(ours ?? theirs)!.level, (theirs ?? ours)!.level]);
  return levels.every(([ours, theirs], i) => ours === theirs && (i === 0 || ours! <= levels[i - 1]![0]!));
}

/** Merges what stands between a heading and the first one below it. */
function mergeOwnLines(merge: DocumentMerge, sections: Sides<Section>): MergedPart {
  const runs = eachSide((side) => findRuns(merge.documents[side].lines, sections[side]));
  const { base, ours, theirs } = sections;
  const isSet = base.isSet && ours.isSet && theirs.isSet;
  const alike =
    runs.base.length === runs.ours.length &&
    runs.base.length === runs.theirs.length &&
    (isSet || !(base.isSet || ours.isSet || theirs.isSet));
  if (!alike)
    return mergePart(
      merge,
      eachSide((side) => ({ start: sections[side].start, end: sections[side].ownEnd })),
    );

  const parts: MergedPart[] = [];
  let from = eachSide((side) => sections[side].start);
  for (const i of runs.base.keys()) {
    const run = eachSide((side) => runs[side][i]!);
    parts.push(
      mergePart(
        merge,
        eachSide((side) => ({ start: from[side], end: run[side].start })),
      ),
    );
    parts.push(mergeRun(merge, run, isSet));
    from = eachSide((side) => run[side].end);
  }
  parts.push(
    mergePart(
      merge,
      eachSide((side) => ({ start: from[side], end: sections[side].ownEnd })),
    ),
  );
  return joinParts(parts);
}
