import { type Fingerprint, HASHES, scoreOf, similarityBound } from './similarity.js';

/** Compares files with many others at a time, looking only at the chunks that they share. */
export class SimilarityIndex {
  readonly #sizes: readonly number[];
  /** By hash: where its entries start in the other two, with one more at the end. */
  readonly #starts = new Int32Array(HASHES + 1);
  /** By entry: a file that has the hash, and the bytes of its chunks that do. */
  readonly #files: Int32Array;
  readonly #bytes: Int32Array;

  constructor(files: readonly Fingerprint[]) {
    this.#sizes = files.map(({ size }) => size);
    for (const { hashes } of files) for (const hash of hashes) this.#starts[hash + 1]!++;
    for (let hash = 0; hash < HASHES; hash++) this.#starts[hash + 1]! += this.#starts[hash]!;
    const next = this.#starts.slice();
    this.#files = new Int32Array(this.#starts[HASHES]!);
    this.#bytes = new Int32Array(this.#starts[HASHES]!);
    for (const [file, { hashes, bytes }] of files.entries()) {
      for (let i = 0; i < hashes.length; i++) {
        const entry = next[hashes[i]!]!++;
        this.#files[entry] = file;
        this.#bytes[entry] = bytes[i]!;
      }
    }
  }

  /**
   * How alike each of the files is to another one: what `similarity` says of both, or 0 where their sizes alone tell that
   * it is below `minScore`.
   */
  scores({ size, hashes, bytes }: Fingerprint, minScore: number): number[] {
    const copied = new Int32Array(this.#sizes.length);
    for (let i = 0; i < hashes.length; i++) {
      const end = this.#starts[hashes[i]! + 1]!;
      for (let entry = this.#starts[hashes[i]!]!; entry < end; entry++) {
        copied[this.#files[entry]!]! += Math.min(bytes[i]!, this.#bytes[entry]!);
      }
    }
    return this.#sizes.map((other, file) =>
      similarityBound(size, other) < minScore ? 0 : scoreOf(copied[file]!, size, other),
    );
  }
}
