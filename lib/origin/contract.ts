/**
 * The suite that every {@link Remote} passes, whatever stands behind it.
 *
 * Each row is a sentence about what people who share a project may rely on. The rows use `node:assert`, so that any
 * runner whose `test(name, run)` awaits its function can run them (tap, node:test).
 */
import { AUDIT_ROWS } from './contract/audit-rows.js';

import { ERASURE_ROWS } from './contract/erasure-rows.js';

import { HISTORY_ROWS } from './contract/history-rows.js';
import { ID_ROWS } from './contract/id-rows.js';
import { LIVE_ROWS } from './contract/live-rows.js';
import { memberRows, type UserIds } from './contract/member-rows.js';
import { PROTECTION_ROWS } from './contract/protection-rows.js';
import { REFUSAL_ROWS } from './contract/refusal-rows.js';
import type { ContractOrigin } from './contract/row.js';

/** What of a test runner the contract needs. */
export interface ContractRunner {
  test(name: string, run: () => Promise<void>): unknown;
}

/**
 * Declares one test per row of the contract.
 *
 * @param makeOrigin a fresh origin, or a fresh project of one, for each row
 * @param userIds of the people; left out for an origin that has no members but only an owner, and so no rows about them
 */
export function remoteContract(
  t: ContractRunner,
  name: string,
  makeOrigin: () => Promise<ContractOrigin>,
  userIds?: UserIds,
): void {
  for (const row of [
    ...HISTORY_ROWS,
    ...REFUSAL_ROWS,
    ...PROTECTION_ROWS,
    ...ID_ROWS,
    ...LIVE_ROWS,
    ...AUDIT_ROWS,
    ...ERASURE_ROWS,
    ...(userIds ? memberRows(userIds) : []),
  ]) {
    t.test(`${name}: ${row.sentence}`, async () => {
      const origin = await makeOrigin();
      try {
        await row.show(origin);
      } finally {
        await origin.close();
      }
    });
  }
}
