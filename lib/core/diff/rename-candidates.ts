import { fileName } from './rename-directory.js';

/** A pair that might be a rename; the name decides between equal scores. */
interface Candidate<T> {
  readonly source: T;
  readonly target: T;
  readonly score: number;
  readonly sameName: boolean;
}

/** So many sources git remembers for each target: a target whose best ones all go elsewhere stays without. */
const REMEMBERED = 4;

/**
 * Ranks all pairs of sources and targets, best first; equally good ones in order of targets, then of sources.
 *
 * @param scores how alike each of the sources is to a target; asked once for each
 */
export function rankCandidates<T extends { readonly path: string }>(
  sources: readonly T[],
  targets: readonly T[],
  scores: (target: T) => readonly number[],
): Candidate<T>[] {
  const names = sources.map(({ path }) => fileName(path));
  const ranked = targets.flatMap((target) => {
    const name = fileName(target.path);
    const best: Candidate<T>[] = [];
    for (const [i, score] of scores(target).entries()) {
      remember(best, { source: sources[i]!, target, score, sameName: names[i] === name });
    }
    return best;
  });
  return ranked.sort(compareCandidates);
}

/** What is better than the worst takes its place, and so may come to stand before an equal. */
function remember<T>(best: Candidate<T>[], candidate: Candidate<T>): void {
  if (best.length < REMEMBERED) {
    best.push(candidate);
    return;
  }
  let worst = 0;
  for (let i = 1; i < REMEMBERED; i++) if (compareCandidates(best[i]!, best[worst]!) > 0) worst = i;
  if (compareCandidates(candidate, best[worst]!) < 0) best[worst] = candidate;
}

function compareCandidates<T>(a: Candidate<T>, b: Candidate<T>): number {
  return b.score - a.score || Number(b.sameName) - Number(a.sameName);
}
