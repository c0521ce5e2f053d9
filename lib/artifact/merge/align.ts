import type { Sides } from '../../core/merge/combine.js';
import type { LineRange } from '../../core/ports.js';
import type { Named } from './document.js';
import { sameLines } from './lines.js';
import { type DocumentMerge, eachSide } from './part.js';

/** One thing in its versions. */
export interface Aligned<T> {
  /** Undefined where a version does not have it. */
  readonly versions: Sides<T | undefined>;
  /** Its lines in each version; empty, at the place where it would stand, where it is not. */
  readonly ranges: Sides<LineRange>;
}

/** Where the things of one side stand among those of base. */
interface Placed<T> {
  /** For each thing of base what has become of it; undefined when it is gone. */
  readonly kept: readonly (T | undefined)[];
  /** What the side added before each thing of base, and after the last one. */
  readonly added: readonly (readonly T[])[];
  /** Things of base that are gone while others, not as many, stand in their place. */
  readonly replaced: readonly number[];
}

/**
 * Pairs the things in a list of three versions by their names, in the order of the merged list: as in base, with what
 * was added after what it was added after, ours before theirs.
 *
 * Undefined when names are not enough to tell what is what: one occurs twice, things moved, or others stand in the place
 * of things that the other side changed.
 *
 * @param starts where each version's list begins
 * @param renames whether as many new names in the place of old ones are the old things; otherwise they are new things
 */
export function align<T extends Named>(
  { documents }: DocumentMerge,
  lists: Sides<readonly T[]>,
  starts: Sides<number>,
  renames: boolean,
): Aligned<T>[] | undefined {
  const { base } = lists;
  const ours = place(base, lists.ours, renames);
  const theirs = place(base, lists.theirs, renames);
  if (!ours || !theirs) return undefined;
  const linesOf = (side: keyof Sides<T>, { start, end }: T) => documents[side].lines.slice(start, end);
  const changed = (side: 'ours' | 'theirs', i: number) => {
    const kept = (side === 'ours' ? ours : theirs).kept[i];
    return !kept || !sameLines(linesOf('base', base[i]!), linesOf(side, kept));
  };
  if (ours.replaced.some((i) => changed('theirs', i)) || theirs.replaced.some((i) => changed('ours', i)))
    return undefined;

  // What replaces something and what the other side puts in the same place have no order.
  const contested = [...ours.replaced, ...theirs.replaced].some(
    (i) => ours.added[i]!.length * theirs.added[i]!.length > 0,
  );
  if (contested) return undefined;

  const merged = mergeOrder(base, ours, theirs);
  const names = merged.flatMap((versions) => [...new Set([versions.ours?.name, versions.theirs?.name])]);
  const known = names.filter((name) => name !== undefined);
  return new Set(known).size === known.length ? withRanges(merged, starts) : undefined;
}

function place<T extends Named>(base: readonly T[], side: readonly T[], renames: boolean): Placed<T> | undefined {
  const index = new Map(base.map(({ name }, i) => [name, i]));
  const kept: (T | undefined)[] = base.map(() => undefined);
  const added: T[][] = Array.from({ length: base.length + 1 }, () => []);
  const replaced: number[] = [];
  if (index.size < base.length) return undefined;

  let next = 0;
  let fresh: T[] = [];
  const closeGap = (until: number) => {
    const gone = until - next;
    if (renames && gone === fresh.length) {
      for (const [i, thing] of fresh.entries()) kept[next + i] = thing;
    } else {
      added[next] = fresh;
      if (renames && fresh.length > 0) for (let i = next; i < until; i++) replaced.push(i);
    }
    next = until + 1;
    fresh = [];
  };
  for (const thing of side) {
    const i = index.get(thing.name);
    if (i === undefined) {
      fresh.push(thing);
    } else if (i < next) {
      return undefined;
    } else {
      closeGap(i);
      kept[i] = thing;
    }
  }
  closeGap(base.length);
  return { kept, added, replaced };
}

function mergeOrder<T extends Named>(base: readonly T[], ours: Placed<T>, theirs: Placed<T>): Sides<T | undefined>[] {
  const addedByOurs = new Set(ours.added.flat().map(({ name }) => name));
  const addedByTheirs = new Map(theirs.added.flat().map((thing) => [thing.name, thing]));
  const merged: Sides<T | undefined>[] = [];
  for (let i = 0; i <= base.length; i++) {
    for (const thing of ours.added[i]!)
      merged.push({ base: undefined, ours: thing, theirs: addedByTheirs.get(thing.name) });
    for (const thing of theirs.added[i]!)
      if (!addedByOurs.has(thing.name)) merged.push({ base: undefined, ours: undefined, theirs: thing });
    if (ours.kept[i] || theirs.kept[i]) merged.push({ base: base[i], ours: ours.kept[i], theirs: theirs.kept[i] });
  }
  return merged;
}

function withRanges<T extends Named>(merged: readonly Sides<T | undefined>[], starts: Sides<number>): Aligned<T>[] {
  const at = { ...starts };
  return merged.map((versions) => {
    const ranges = eachSide((side) => {
      const { start = at[side], end = at[side] } = versions[side] ?? {};
      return { start, end };
    });
    for (const side of ['base', 'ours', 'theirs'] as const) at[side] = ranges[side].end;
    return { versions, ranges };
  });
}
