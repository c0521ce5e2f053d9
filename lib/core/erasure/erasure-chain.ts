import { SyncError } from '../errors.js';
import type { SignedErasure } from '../ports.js';
import { type ErasureRecord, parseErasure } from './erasure-record.js';
import { signerOf } from './one-time-signature.js';

/** A record that is known to be the signer's, and its proof. */
export interface VerifiedErasure extends ErasureRecord {
  readonly signed: SignedErasure;
}

/** Where a chain of records goes on. */
export interface ChainEnd {
  /** How many records come before. */
  readonly count: number;
  /** The fingerprint of the key that has to sign the next one. */
  readonly signer: string;
}

/** Where a chain goes on after a record; where it begins, when there is none yet. */
export function chainEnd(anchor: string, last: ErasureRecord | undefined): ChainEnd {
  return last ? { count: last.number, signer: last.next } : { count: 0, signer: anchor };
}

/**
 * Checks that records follow on a chain, each signed with the key that the one before it named.
 *
 * @throws {SyncError} `ERASURE_INVALID`
 */
export function verifyErasures(end: ChainEnd, signed: readonly SignedErasure[]): VerifiedErasure[] {
  let { count, signer } = end;
  return signed.map((each) => {
    const record = parseErasure(each.text);
    if (record.number !== count + 1 || signerOf(each.text, each.signature) !== signer) {
      throw new SyncError(
        'ERASURE_INVALID',
        `record ${count + 1} of what was erased is not signed by this project's origin`,
        {
          hint: 'Nothing was erased on the word of it. Was the origin made anew, or restored from a backup? docs/privacy.md tells what to do.',
        },
      );
    }
    count = record.number;
    signer = record.next;
    return { ...record, signed: each };
  });
}
