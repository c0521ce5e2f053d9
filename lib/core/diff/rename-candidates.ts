/** A pair that might be a rename. */
export interface Candidate<T> extends Likeness {
  readonly source: T;
  readonly target: T;
}

/** How good a pair is; the name decides between equal scores. */
export interface Likeness {
  readonly score: number;
  readonly sameName: boolean;
}

/** So many sources git remembers for each target: a target whose best ones all go elsewhere stays without. */
const REMEMBERED = 4;

/**
 * Ranks all pairs of sources and targets, best first; equally good ones in order of targets, then of sources.
 *
 * @param likeness asked once for each pair
 */
export function rankCandidates<T>(
  sources: readonly T[],
  targets: readonly T[],
  likeness: (source: T, target: T) => Likeness,
): Candidate<T>[] {
  const ranked = targets.flatMap((target) => {
    const best: Candidate<T>[] = [];
    for (const source of sources) remember(best, { source, target, ...likeness(source, target) });
    return best;
  });
  return ranked.sort(compareLikeness);
}

/** What is better than the worst takes its place, and so may come to stand before an equal. */
function remember<T>(best: Candidate<T>[], candidate: Candidate<T>): void {
  if (best.length < REMEMBERED) {
    best.push(candidate);
    return;
  }
  let worst = 0;
  for (let i = 1; i < REMEMBERED; i++) if (compareLikeness(best[i]!, best[worst]!) > 0) worst = i;
  if (compareLikeness(candidate, best[worst]!) < 0) best[worst] = candidate;
}

function compareLikeness(a: Likeness, b: Likeness): number {
  return b.score - a.score || Number(b.sameName) - Number(a.sameName);
}
