import type { Times } from './measure.js';

/** What the issue aims at: a share of the other side's time, or a number of milliseconds. */
export interface Aim {
  readonly most: number;
  readonly of: 'ratio' | 'ms';
}

/** One comparison: the same work done by us and by something else. */
export interface Row {
  readonly what: string;
  readonly ours: Times;
  readonly against: string;
  readonly theirs: Times;
  /** Left out where the issue names none. */
  readonly aims?: readonly Aim[];
}

/** Our median as a multiple of theirs. */
export function ratio({ ours, theirs }: Row): number {
  return ours.median / theirs.median;
}

/** Tells whether the medians meet an aim. */
export function isMet(row: Row, { most, of }: Aim): boolean {
  return (of === 'ratio' ? ratio(row) : row.ours.median) <= most;
}
