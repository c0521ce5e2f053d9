/**
 * Numbers lines by their bytes, equal ones alike.
 *
 * A hash table of our own, because a string for each line of a large file takes several times as long.
 */
export class LineTable {
  /** How many distinct lines there are. */
  size = 0;
  readonly #files: readonly Uint8Array[];
  /** Two for each slot: the hash of a line and its number plus one. Half of them are free, with 0. */
  #slots: Int32Array = new Int32Array(1024);
  /** Three for each number: the file, the start and the end of its first line. */
  #seen: Int32Array = new Int32Array(768);

  constructor(files: readonly Uint8Array[]) {
    this.#files = files;
  }

  /** The number of a line; that of a new one is the `size` before. */
  number(hash: number, file: number, start: number, end: number): number {
    let slot = this.#slotOf(hash);
    for (; this.#slots[slot + 1] !== 0; slot = this.#next(slot)) {
      const number = this.#slots[slot + 1]! - 1;
      if (this.#slots[slot] === hash && this.#isSeen(number, this.#files[file]!, start, end)) return number;
    }
    const number = this.size++;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = number + 1;
    this.#seen[3 * number] = file;
    this.#seen[3 * number + 1] = start;
    this.#seen[3 * number + 2] = end;
    if (3 * this.size === this.#seen.length) this.#grow();
    return number;
  }

  #isSeen(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#seen[3 * number + 1]!;
    return (
      this.#seen[3 * number + 2]! - from === end - start &&
      sameBytes(bytes, start, this.#files[this.#seen[3 * number]!]!, from, end - start)
    );
  }

  /** Doubles the room, which is full when as many lines were seen as half the slots. */
  #grow(): void {
    const seen = new Int32Array(2 * this.#seen.length);
    seen.set(this.#seen);
    this.#seen = seen;
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let slot = this.#slotOf(old[i]!);
      while (this.#slots[slot + 1] !== 0) slot = this.#next(slot);
      this.#slots[slot] = old[i]!;
      this.#slots[slot + 1] = old[i + 1]!;
    }
  }

  #slotOf(hash: number): number {
    return (2 * (hash ^ (hash >>> 15))) & (this.#slots.length - 1);
  }

  #next(slot: number): number {
    return (slot + 2) & (this.#slots.length - 1);
  }
}

/** Whether as many bytes are the same in two files, each from its own position on. */
export function sameBytes(bytes: Uint8Array, at: number, others: Uint8Array, otherAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== others[otherAt + i]) return false;
  return true;
}
