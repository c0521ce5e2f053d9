import { isRecord } from '../../core/is-record.js';
import type { OriginTraces, RemoteState, SignedErasure } from '../../core/ports.js';
import { invalidAnswer, readSequence } from './answers.js';

/** Purges are rare: what is beyond is not read. */
const MOST_RECORDS = 10_000;
/** Characters; a purge names up to 1,000 actors and 100,000 blobs. */
const LONGEST_RECORD = 5_000_000;

/**
 * Reads from the description of a project how much it has erased; an origin with older migrations says nothing of it.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function readErasureChain(description: unknown): Pick<RemoteState, 'erasures'> {
  const value = isRecord(description) ? description.erasures : undefined;
  if (value === undefined) return {};
  if (!isRecord(value) || typeof value.anchor !== 'string' || !/^[0-9a-f]{64}$/.test(value.anchor)) {
    throw invalidAnswer('no key of its erasures');
  }
  const count = readSequence(value.count);
  if (count > MOST_RECORDS) throw invalidAnswer('more erasures than there can be');
  return { erasures: { anchor: value.anchor, count } };
}

/**
 * Reads records of erasures; whether they are signed is checked by whoever keeps them.
 *
 * @throws {SyncError} `ORIGIN_ANSWER_INVALID`
 */
export function readErasures(value: unknown): SignedErasure[] {
  if (!Array.isArray(value)) throw invalidAnswer('no list of erasures');
  return value.map((entry) => {
    const { record, signature } = isRecord(entry) ? entry : {};
    if (typeof record !== 'string' || record.length > LONGEST_RECORD) throw invalidAnswer('an erasure that is none');
    if (typeof signature !== 'string' || !/^([0-9a-f]{2})*$/.test(signature))
      throw invalidAnswer('a signature that is none');
    return { text: record, signature: new Uint8Array(Buffer.from(signature, 'hex')) };
  });
}

/** @throws {SyncError} `ORIGIN_ANSWER_INVALID` */
export function readOriginTraces(value: unknown): OriginTraces {
  const gone = isRecord(value) ? value.gone : undefined;
  if (!isRecord(gone)) throw invalidAnswer('no answer to a purge');
  return {
    actors: readSequence(gone.actors),
    blobs: readSequence(gone.blobs),
    receipts: readSequence(gone.receipts),
    issuedIds: readSequence(gone.issuedIds),
    members: readSequence(gone.members),
    invitations: readSequence(gone.invitations),
    pseudonyms: readSequence(gone.pseudonyms),
  };
}
