import type { IdAnswer, IdRequest, OriginState } from '../../core/ports.js';

/**
 * Issues an id, never one that was issued before, except to the same request again.
 *
 * Runs inside a transaction of the store that `state` belongs to.
 */
export function issueId(state: OriginState, { id: requestId, kind, want }: IdRequest): IdAnswer {
  const before = state.issuedTo(requestId);
  if (before !== undefined) return { status: 'issued', id: before };
  const id = 'claim' in want ? want.claim : nextFreeId(state, kind, want.next, want.floor);
  if (state.isIssued(kind, id)) return { status: 'taken', id };
  state.keepIssued(kind, id, requestId);
  return { status: 'issued', id };
}

function nextFreeId(state: OriginState, kind: IdRequest['kind'], prefix: string, floor: number): string {
  let number = Math.max(state.lastNumber(kind, prefix), floor);
  let id: string;
  do {
    number++;
    id = `${prefix}-${String(number).padStart(3, '0')}`;
  } while (state.isIssued(kind, id));
  state.keepLastNumber(kind, prefix, number);
  return id;
}
