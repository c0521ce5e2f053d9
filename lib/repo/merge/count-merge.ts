import type { Repository } from '../repository.js';

/**
 * Counts a merge, of whatever kind, of two sides that both had changed.
 *
 * @param conflicts for how many it stopped
 */
export function countMerge({ telemetry }: Pick<Repository, 'telemetry'>, conflicts = 0): void {
  telemetry.measure('merges', 1, { result: conflicts > 0 ? 'conflicted' : 'merged' });
  if (conflicts === 0) return;
  telemetry.measure('conflicts', conflicts);
  telemetry.add({ conflicts });
}
