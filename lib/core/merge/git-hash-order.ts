import { encodeUtf8 } from '../object/text.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const FEWEST_BUCKETS = 64;
/** A table grows by this factor once four fifths of its buckets are taken. */
const GROWTH = 4;

/**
 * Puts names into the order in which git finds them again in one of its hash tables, given in the order in which it put
 * them there.
 *
 * Of files that are equally good as targets of a rename git takes the one it comes upon first, and that is the order of a
 * hash table where it had left the folders of the targets for later.
 */
export function inHashOrder(names: readonly string[]): string[] {
  let buckets: string[][] = [];
  const fill = (ordered: readonly string[], size: number) => {
    buckets = Array.from({ length: size }, () => []);
    for (const name of ordered) buckets[hash(name) & (size - 1)]!.unshift(name);
  };
  fill([], FEWEST_BUCKETS);
  for (const [i, name] of names.entries()) {
    buckets[hash(name) & (buckets.length - 1)]!.unshift(name);
    if (i + 1 > buckets.length * 0.8) fill(buckets.flat(), buckets.length * GROWTH);
  }
  return buckets.flat();
}

/** FNV-1 of 32 bits. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(name: string): number {
  let value = FNV_OFFSET;
  for (const byte of encodeUtf8(name)) value = Math.imul(value, FNV_PRIME) ^ byte;
  return value >>> 0;
}
