import { isBinary } from './lines.js';

/** The score of files with the same chunks; scores are fractions of it. */
export const MAX_SCORE = 60_000;

/** What comparing needs to know of a file: how many of its bytes are in chunks of each hash. */
export interface Fingerprint {
  /** Of the whole file, in bytes. */
  readonly size: number;
  /** Ascending, each once. */
  readonly hashes: Int32Array;
  /** Per hash: the bytes of all chunks that have it. */
  readonly bytes: Int32Array;
}

const LF = 0x0a;
const CR = 0x0d;
const CHUNK_BYTES = 64;
/** Every hash is below. */
export const HASHES = 107_927;
/** A chunk as one number: the hash, and below it seven bits that hold the length. */
const LENGTH_BITS = 7;

/**
 * Takes a file's fingerprint, in time linear in its size: once per file, however many others it is compared with.
 *
 * Chunks are lines, cut after 64 bytes. As in git 2.39 what follows the last of them counts for nothing, nor does a
 * text's CR before LF.
 */
export function fingerprint(file: Uint8Array): Fingerprint {
  const chunks = chunksOf(file).sort();
  const hashes = new Int32Array(chunks.length);
  const bytes = new Int32Array(chunks.length);
  let distinct = 0;
  for (const chunk of chunks) {
    const hash = chunk >> LENGTH_BITS;
    if (distinct === 0 || hashes[distinct - 1] !== hash) hashes[distinct++] = hash;
    bytes[distinct - 1]! += chunk & ((1 << LENGTH_BITS) - 1);
  }
  return { size: file.length, hashes: hashes.subarray(0, distinct), bytes: bytes.subarray(0, distinct) };
}

/**
 * How alike two files are, as git reckons it: the share of the larger one that consists of chunks of the other.
 *
 * @returns from 0 to {@link MAX_SCORE}
 * @see git-diff(1) `--find-renames`
 */
export function similarity(a: Fingerprint, b: Fingerprint): number {
  let copied = 0;
  for (let i = 0, j = 0; i < a.hashes.length && j < b.hashes.length; ) {
    const x = a.hashes[i]!;
    const y = b.hashes[j]!;
    if (x === y) copied += Math.min(a.bytes[i]!, b.bytes[j]!);
    if (x <= y) i++;
    if (x >= y) j++;
  }
  return scoreOf(copied, a.size, b.size);
}

/** The score of files of two sizes that share `copied` bytes. */
export function scoreOf(copied: number, a: number, b: number): number {
  return copied === 0 ? 0 : Math.floor((copied * MAX_SCORE) / Math.max(a, b));
}

/** The highest score that files of these sizes, in bytes, can have. */
export function similarityBound(a: number, b: number): number {
  return scoreOf(Math.min(a, b), a, b);
}

/** A score as git shows it: whole per cent. */
export function percentOf(score: number): number {
  return Math.floor((score * 100) / MAX_SCORE);
}

function chunksOf(file: Uint8Array): Int32Array {
  const text = !isBinary(file);
  const chunks: number[] = [];
  let length = 0;
  let a = 0;
  let b = 0;
  for (let i = 0; i < file.length; i++) {
    const byte = file[i]!;
    if (text && byte === CR && file[i + 1] === LF) continue;
    const previous = a;
    a = (((a << 7) ^ (b >>> 25)) + byte) | 0;
    b = (b << 7) ^ (previous >>> 25);
    if (++length < CHUNK_BYTES && byte !== LF) continue;
    const hash = ((a + Math.imul(b, 97)) >>> 0) % HASHES;
    chunks.push((hash << LENGTH_BITS) | length);
    length = a = b = 0;
  }
  return Int32Array.from(chunks);
}
