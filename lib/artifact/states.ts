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
