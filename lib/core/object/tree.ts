import { SyncError } from '../errors.js';
import { NULL_OID, OID_BYTES, type Oid, oidFromBytes, oidToBytes } from './oid.js';
import { unsafeName } from './path.js';
import { foldName, unportableName } from './portable-name.js';
import { compareUtf8, decodeUtf8Strict, encodeUtf8 } from './text.js';

/** The modes git gives tree entries: file, executable, symbolic link, submodule, folder. */
export type FileMode = '100644' | '100755' | '120000' | '160000' | '40000';

/** One entry of a tree. */
export interface TreeEntry {
  readonly name: string;
  readonly mode: FileMode;
  readonly oid: Oid;
}

const MODES: ReadonlySet<string> = new Set(['100644', '100755', '120000', '160000', '40000']);
const SPACE = 0x20;

/** Tells whether an entry is a folder. */
export function isTree(entry: { readonly mode: FileMode }): boolean {
  return entry.mode === '40000';
}

/** Git's order of tree entries: by name in bytes, a folder as if its name ended in `/`. */
export function compareEntries(a: TreeEntry, b: TreeEntry): number {
  return compareUtf8(isTree(a) ? `${a.name}/` : a.name, isTree(b) ? `${b.name}/` : b.name);
}

/**
 * Writes a tree's body: `<mode> <name>\0<20 bytes>` for each entry, in git's order.
 *
 * @param entries in any order
 */
export function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  const sorted = entries.toSorted(compareEntries);
  const heads = sorted.map((entry) => encodeUtf8(`${entry.mode} ${entry.name}\0`));
  const body = new Uint8Array(heads.reduce((size, head) => size + head.length + OID_BYTES, 0));
  let at = 0;
  for (const [i, head] of heads.entries()) {
    body.set(head, at);
    at += head.length;
    body.set(oidToBytes(sorted[i]!.oid), at);
    at += OID_BYTES;
  }
  return body;
}

/**
 * Reads a tree's body: known modes, names that are one component of a path, whole ids.
 *
 * More is not asked of a tree that the store has: it came through {@link checkTree}, or was made here.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function decodeTree(body: Uint8Array): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < body.length; ) {
    const end = entryEnd(body, at);
    entries.push(decodeEntry(body, at, end));
    at = end;
  }
  return entries;
}

/**
 * Finds where an entry of a tree's body ends that begins at `at`.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function entryEnd(body: Uint8Array, at: number): number {
  const nul = body.indexOf(0, at);
  const end = nul + 1 + OID_BYTES;
  if (nul < 0 || end > body.length) throw malformed('is cut short');
  return end;
}

/**
 * Reads one entry of a tree's body.
 *
 * @param end what {@link entryEnd} answers
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function decodeEntry(body: Uint8Array, at: number, end: number): TreeEntry {
  const nul = end - OID_BYTES - 1;
  const space = body.indexOf(SPACE, at);
  if (space < 0 || space > nul) throw malformed('is cut short');
  const mode = decodeUtf8Strict(body.subarray(at, space));
  const name = decodeUtf8Strict(body.subarray(space + 1, nul));
  if (mode === undefined || !MODES.has(mode)) throw malformed(`has an entry of unknown mode '${mode}'`);
  if (name === undefined) throw malformed('has a name that is not UTF-8');
  if (name === '' || name.includes('/')) throw badName(name, unsafeName(name)!);
  return { name, mode: mode as FileMode, oid: oidFromBytes(body.subarray(nul + 1, end)) };
}

/**
 * Checks a tree that the store has, refusing what `git fsck --strict` would: unsafe names, null ids, entries that are out of
 * order or double.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function checkTree(entries: readonly TreeEntry[]): void {
  for (const { name, oid } of entries) {
    const unsafe = unsafeName(name);
    if (unsafe) throw badName(name, unsafe);
    if (oid === NULL_OID) throw malformed(`has the null id for '${name}'`);
  }
  checkOrder(entries);
}

/**
 * Checks a tree that another party sent: as {@link checkTree}, and that it holds nothing but files and folders, under names that
 * any disk can hold side by side.
 *
 * @throws {SyncError} `OBJECT_MALFORMED`
 */
export function checkReceivedTree(entries: readonly TreeEntry[]): void {
  checkTree(entries);
  const taken = new Map<string, string>();
  for (const { name, mode } of entries) {
    const reason = unportableName(name);
    if (reason) throw badName(name, reason);
    if (mode === '120000') throw malformed(`has '${name.slice(0, 80)}', a symbolic link`);
    if (mode === '160000') throw malformed(`has '${name.slice(0, 80)}', another repository`);
    const folded = foldName(name);
    const twin = taken.get(folded);
    if (twin !== undefined) {
      throw malformed(`has '${twin.slice(0, 80)}' and '${name.slice(0, 80)}', which are one name to some disks`);
    }
    taken.set(folded, name);
  }
}

function checkOrder(entries: readonly TreeEntry[]): void {
  const names = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    if (names.has(entry.name)) throw malformed(`has '${entry.name}' twice`);
    names.add(entry.name);
    const previous = entries[i - 1];
    if (previous && compareEntries(previous, entry) >= 0) throw malformed(`has '${entry.name}' out of order`);
  }
}

function badName(name: string, why: string): SyncError {
  return malformed(`has a name '${name.slice(0, 80)}' that ${why}`);
}

function malformed(what: string): SyncError {
  return new SyncError('OBJECT_MALFORMED', `a tree ${what}`);
}
