import type { ArtifactKind } from '../core/ports.js';

/**
 * The states that new content may have, in the order of an artifact's life; the first is where it begins.
 *
 * What import finds is kept whatever it says.
 */
export const STATES: Readonly<Record<ArtifactKind, readonly string[]>> = {
  plan: ['PROPOSED', 'APPROVED', 'DECOMPOSED', 'COMMITTED'],
  story: ['DRAFT', 'REVIEW_NEEDED', 'ACCEPTED', 'COMMITTED', 'DONE', 'ICEBOX'],
  runbook: ['PROPOSED', 'OPEN', 'ACCEPTED', 'IMPLEMENTED', 'COMMITTED'],
};

/** The state of a new artifact. */
export function firstState(kind: ArtifactKind): string {
  return STATES[kind][0]!;
}

/** The states that may follow each state directly; one that is no key may be followed by none. */
export type StateMachine = Readonly<Record<string, readonly string[]>>;

/**
 * How artifacts go through their states: forward, back while nothing is committed, aside into the icebox.
 *
 * A merge sees where a side began and ended, not each step, and so takes any way along these for legal.
 */
export const TRANSITIONS: Readonly<Record<ArtifactKind, StateMachine>> = {
  plan: {
    PROPOSED: ['APPROVED'],
    APPROVED: ['DECOMPOSED', 'COMMITTED', 'PROPOSED'],
    DECOMPOSED: ['COMMITTED', 'APPROVED'],
    COMMITTED: [],
  },
  story: {
    DRAFT: ['REVIEW_NEEDED', 'ICEBOX'],
    REVIEW_NEEDED: ['ACCEPTED', 'DRAFT', 'ICEBOX'],
    ACCEPTED: ['COMMITTED', 'REVIEW_NEEDED', 'ICEBOX'],
    COMMITTED: ['DONE'],
    DONE: [],
    ICEBOX: ['DRAFT'],
  },
  runbook: {
    PROPOSED: ['OPEN', 'ACCEPTED'],
    OPEN: ['ACCEPTED', 'PROPOSED'],
    ACCEPTED: ['IMPLEMENTED', 'COMMITTED', 'OPEN', 'PROPOSED'],
    IMPLEMENTED: ['COMMITTED', 'ACCEPTED'],
    COMMITTED: [],
  },
};
