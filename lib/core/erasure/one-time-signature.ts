/**
 * Signatures that can be made with SHA-256 alone, each key good for one: L. Lamport, "Constructing Digital Signatures from a One
 * Way Function", SRI International CSL-98, 1979. ADR-015 says why these.
 *
 * A key is 256 pairs of secrets; its fingerprint is the hash of all their hashes. A signature shows, for each bit of the text's
 * hash, the secret of that bit and the hash of the other one: whoever has it can work out the fingerprint, and nobody can sign
 * another text with it. `lib/origin/sql` makes the same.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import { encodeUtf8 } from '../object/text.js';

const PLACES = 256;
const HASH_BYTES = 32;

/** Bytes in a signature. */
export const SIGNATURE_BYTES = PLACES * 2 * HASH_BYTES;

/**
 * The fingerprint of a key.
 *
 * @param seed 64 hexadecimal digits; whoever has it can sign
 * @param number which of the seed's keys
 */
export function fingerprintOf(seed: string, number: number): string {
  const hashes = places().flatMap((place) => [0, 1].map((bit) => sha256(secret(seed, number, place, bit))));
  return bytesToHex(sha256(concatBytes(...hashes)));
}

/** Signs a text with one of a seed's keys, which must never sign another. */
export function signOnce(seed: string, number: number, text: string): Uint8Array {
  const digest = sha256(encodeUtf8(text));
  const parts = places().flatMap((place) => {
    const bit = bitOf(digest, place);
    return [secret(seed, number, place, bit), sha256(secret(seed, number, place, 1 - bit))];
  });
  return concatBytes(...parts);
}

/** The fingerprint of the key that a text was signed with; undefined for what is no signature at all. */
export function signerOf(text: string, signature: Uint8Array): string | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const digest = sha256(encodeUtf8(text));
  const hashes = places().flatMap((place) => {
    const at = place * 2 * HASH_BYTES;
    const shown = sha256(signature.subarray(at, at + HASH_BYTES));
    const other = signature.subarray(at + HASH_BYTES, at + 2 * HASH_BYTES);
    return bitOf(digest, place) === 0 ? [shown, other] : [other, shown];
  });
  return bytesToHex(sha256(concatBytes(...hashes)));
}

function secret(seed: string, number: number, place: number, bit: number): Uint8Array {
  return sha256(encodeUtf8(`agent-sync erasure secret\n${seed}\n${number}\n${place}\n${bit}\n`));
}

/** Counted as PostgreSQL's `get_bit` does. */
function bitOf(digest: Uint8Array, place: number): number {
  return (digest[place >> 3]! >> (place & 7)) & 1;
}

function places(): number[] {
  return Array.from({ length: PLACES }, (_, place) => place);
}
