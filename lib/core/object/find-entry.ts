import { encodeUtf8 } from './text.js';
import { decodeEntry, entryEnd, isTree, type TreeEntry } from './tree.js';

/** Where an entry stands in a tree's body: bytes `start` up to, not including, `end`. */
export interface EntryPlace {
  readonly start: number;
  readonly end: number;
}

/** An entry that was found, and where. */
export interface FoundEntry extends EntryPlace {
  readonly entry: TreeEntry;
}

const SPACE = 0x20;
const SLASH = 0x2f;

/**
 * Finds entries in the body of a tree by halving, and decodes no others: most edits leave most of a folder alone.
 *
 * The entries have to be in git's order, as they are in any tree that was checked.
 */
export class EntryFinder {
  readonly #body: Uint8Array;
  /** Where each entry starts, and at last where the body ends. */
  readonly #starts: number[] = [];

  /** @throws {SyncError} `OBJECT_MALFORMED` for a body that is cut short */
  constructor(body: Uint8Array) {
    this.#body = body;
    for (let at = 0; at < body.length; at = entryEnd(body, at)) this.#starts.push(at);
    this.#starts.push(body.length);
  }

  /**
   * The entry of a name, be it a file or a folder.
   *
   * @throws {SyncError} `OBJECT_MALFORMED`
   */
  find(name: string): FoundEntry | undefined {
    return this.#entryAt(name, false) ?? this.#entryAt(name, true);
  }

  /**
   * The names of all entries.
   *
   * @throws {SyncError} `OBJECT_MALFORMED`
   */
  *names(): Generator<string> {
    for (let index = 0; index + 1 < this.#starts.length; index++) {
      yield decodeEntry(this.#body, this.#starts[index]!, this.#starts[index + 1]!).name;
    }
  }

  /** The byte at which an entry of this name stands, or is to be put. */
  placeOf({ name, mode }: TreeEntry): number {
    return this.#starts[this.#search(sortKey(name, isTree({ mode })))]!;
  }

  #entryAt(name: string, isFolder: boolean): FoundEntry | undefined {
    const key = sortKey(name, isFolder);
    const index = this.#search(key);
    if (index === this.#starts.length - 1 || this.#compare(index, key) !== 0) return undefined;
    const start = this.#starts[index]!;
    const end = this.#starts[index + 1]!;
    return { start, end, entry: decodeEntry(this.#body, start, end) };
  }

  /** The number of the first entry that does not come before `key`. */
  #search(key: Uint8Array): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Compares an entry's name, a folder's with its slash, with `key`. */
  #compare(index: number, key: Uint8Array): number {
    const body = this.#body;
    const start = this.#starts[index]!;
    // A folder's mode is the one that has five digits.
    const isFolder = body[start + 5] === SPACE;
    const from = start + (isFolder ? 6 : 7);
    const nameLength = body.indexOf(0, from) - from;
    const length = nameLength + (isFolder ? 1 : 0);
    for (let i = 0; i < length && i < key.length; i++) {
      const difference = (i < nameLength ? body[from + i]! : SLASH) - key[i]!;
      if (difference !== 0) return difference;
    }
    return length - key.length;
  }
}

/** What git sorts an entry by. */
function sortKey(name: string, isFolder: boolean): Uint8Array {
  return encodeUtf8(isFolder ? `${name}/` : name);
}
