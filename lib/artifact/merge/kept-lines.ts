import type { Sides } from '../../core/merge/combine.js';
import { isBlank } from './lines.js';

/**
 * Tells whether a merge has each line as often as its versions ask for: as base has it, and as the sides added or removed
 * it; where both did that, once or twice. Blank lines and line ends do not count.
 *
 * @param clean those of its lines that stand in no conflict, where there may be more
 */
export function keepsLines(versions: Sides<readonly string[]>, lines: readonly string[], clean = lines): boolean {
  const base = countLines(versions.base);
  const ours = countLines(versions.ours);
  const theirs = countLines(versions.theirs);
  const merged = countLines(lines);
  const settled = countLines(clean);
  return [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].every((line) => {
    const was = base.get(line) ?? 0;
    const byOurs = (ours.get(line) ?? 0) - was;
    const byTheirs = (theirs.get(line) ?? 0) - was;
    const twice = was + byOurs + byTheirs;
    const once = was + (byOurs > 0 ? Math.max(byOurs, byTheirs) : Math.min(byOurs, byTheirs));
    const [least, most] = byOurs * byTheirs > 0 ? [Math.min(once, twice), Math.max(once, twice)] : [twice, twice];
    return (merged.get(line) ?? 0) >= least && (settled.get(line) ?? 0) <= most;
  });
}

/**
 * Tells whether the lines that a merge has once stand in the order in which each side has them. What both sides added may
 * stand where either has it.
 */
export function keepsOrder({ base, ours, theirs }: Sides<readonly string[]>, lines: readonly string[]): boolean {
  const [before, one, other] = [countLines(base), countLines(ours), countLines(theirs)];
  const once = [...countLines(lines)].filter(([, count]) => count === 1).map(([line]) => line);
  const single = once.filter((line) => before.has(line) || !one.has(line) || !other.has(line));
  return [one, other].every((side) => {
    const places = new Map([...side].map(([line, count], i) => [line, count === 1 ? i : undefined]));
    const order = single.map((line) => places.get(line)).filter((place) => place !== undefined);
    return order.every((place, i) => i === 0 || order[i - 1]! < place);
  });
}

/** Tells whether two texts have the same lines, in whatever order. */
export function sameLineCounts(a: readonly string[], b: readonly string[]): boolean {
  const [inA, inB] = [countLines(a), countLines(b)];
  return inA.size === inB.size && [...inA].every(([line, count]) => inB.get(line) === count);
}

/** By line, in the order in which each first occurs. */
type Counts = ReadonlyMap<string, number>;

function countLines(lines: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const text = line.trimEnd();
    if (!isBlank(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}
