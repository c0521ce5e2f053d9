/** One of the two that are merged. */
export type Side = 'ours' | 'theirs';

/** Both, in the order in which git looks at them. */
export const SIDES: readonly Side[] = ['ours', 'theirs'];

/** The one that `side` is merged with. */
export function otherSide(side: Side): Side {
  return side === 'ours' ? 'theirs' : 'ours';
}
