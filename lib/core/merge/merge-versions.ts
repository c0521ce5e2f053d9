import { isBinary } from '../diff/lines.js';
import { hashObject, type Oid } from '../object/oid.js';
import { EMPTY_BLOB, readBlob } from '../object/read.js';
import type { FileMode } from '../object/tree.js';
import type { ConflictHunk, ConflictKind, FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';
import type { ConflictStyle } from './conflict-markers.js';
import type { ContentMerge, MergeDriver } from './merge-driver.js';
import type { MergeMessage } from './merge-message.js';
import { type MergedText, mergeText } from './merge-text.js';

/** A file that both sides have, and base perhaps. */
export interface BothVersions {
  readonly base: FileVersion | null;
  readonly ours: FileVersion;
  readonly theirs: FileVersion;
}

/** What a file that both sides have comes to. */
export interface MergedVersion {
  /** Null for none, which only the base of another merge can come to. */
  readonly version: FileVersion | null;
  /** The merged contents, where lines were merged. */
  readonly blob?: IdentifiedObject;
  /** Undefined when it merged; the text where it was not git's rules that failed. */
  readonly conflict?: { readonly kind: ConflictKind; readonly message?: string };
  /** Where in the contents, if lines were merged. */
  readonly hunks: readonly ConflictHunk[];
  /** What git prints on the way, but not that there is a conflict. */
  readonly messages: readonly MergeMessage[];
}

/** How the versions of a file are merged. */
export interface VersionOptions {
  readonly labels: Sides<string>;
  readonly style?: ConflictStyle;
  /** Settles conflicts of contents in favour of one side. */
  readonly favor?: 'ours' | 'theirs' | undefined;
  readonly driver?: MergeDriver;
  /** Whether the result is only to be the base of another merge: what cannot be merged stays as it is in base. */
  readonly virtual?: boolean;
  /** Characters in a conflict marker; 7 by default. */
  readonly markerSize?: number;
}

/** Tells whether both are files, both links, or both submodules. */
export function sameType(a: FileMode, b: FileMode): boolean {
  return isRegular(a) ? isRegular(b) : a === b;
}

/** Tells whether a mode is that of a file with contents of its own, executable or not. */
export function isRegular(mode: FileMode): boolean {
  return mode === '100644' || mode === '100755';
}

/**
 * Merges a file that both sides have: its mode and its contents, each on its own.
 *
 * @param path what messages call it
 * @param from the paths of the versions; labels show them where they differ
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function mergeVersions(
  objects: ObjectReader,
  path: string,
  versions: BothVersions,
  from: Sides<string>,
  options: VersionOptions,
): MergedVersion {
  const { base, ours, theirs } = versions;
  const modes = mergeModes(versions);
  const settled = (oid: Oid): MergedVersion => ({
    version: { mode: modes.mode, oid },
    ...(modes.conflict && { conflict: { kind: 'distinct modes' } }),
    hunks: [],
    messages: [],
  });
  if (ours.oid === theirs.oid || ours.oid === base?.oid) return settled(theirs.oid);
  if (theirs.oid === base?.oid) return settled(ours.oid);

  const kind = base ? 'content' : 'add/add';
  if (!isRegular(ours.mode)) return keepOne(path, versions, kind, options);
  const text = mergeFile(objects, path, versions, from, options);
  const merging: MergeMessage = { paths: [path], type: 'Auto-merging', text: `Auto-merging ${path}` };
  if (text.status === 'binary') {
    const { ours: own, theirs: other } = showPaths(options.labels, from);
    const warning = `warning: Cannot merge binary files: ${path} (${own} vs. ${other})`;
    const messages: MergeMessage[] = [
      { paths: [path], type: 'CONFLICT (binary)', text: warning, kind: 'binary' },
      merging,
    ];
    const original = base && isRegular(base.mode) ? base.oid : EMPTY_BLOB;
    const oid = options.virtual ? original : ours.oid;
    return { ...settled(oid), conflict: { kind: 'binary' }, messages };
  }
  const blob: IdentifiedObject = { oid: hashObject('blob', text.bytes), type: 'blob', body: text.bytes };
  const conflict = text.conflict ?? (text.status === 'conflicted' ? ({ kind } as const) : undefined);
  return { ...settled(blob.oid), blob, ...(conflict && { conflict }), hunks: text.hunks, messages: [merging] };
}

function mergeModes({ base, ours, theirs }: BothVersions): { readonly mode: FileMode; readonly conflict: boolean } {
  if (ours.mode === theirs.mode || ours.mode === base?.mode) return { mode: theirs.mode, conflict: false };
  return { mode: ours.mode, conflict: theirs.mode !== base?.mode };
}

/** Links and submodules have no lines that could be merged; only for links a side can be favoured. */
function keepOne(
  path: string,
  { base, ours, theirs }: BothVersions,
  kind: ConflictKind,
  { favor, virtual = false }: VersionOptions,
): MergedVersion {
  const conflicted = { version: virtual ? base : ours, conflict: { kind }, hunks: [] };
  if (ours.mode === '160000') {
    const text = `Failed to merge submodule ${path} (not checked out)`;
    return { ...conflicted, messages: [{ paths: [path], type: 'CONFLICT (submodule not initialized)', text }] };
  }
  if (virtual || !favor) return { ...conflicted, messages: [] };
  return { version: favor === 'ours' ? ours : theirs, hunks: [], messages: [] };
}

interface MergedFile extends Omit<MergedText, 'conflicts'> {
  readonly conflict?: MergedVersion['conflict'];
}

function mergeFile(
  objects: ObjectReader,
  path: string,
  { base, ours, theirs }: BothVersions,
  from: Sides<string>,
  { labels, style = 'merge', favor, driver, virtual, markerSize = 7 }: VersionOptions,
): MergedFile {
  const files = {
    base: base && isRegular(base.mode) ? readBlob(objects, base.oid) : new Uint8Array(0),
    ours: readBlob(objects, ours.oid),
    theirs: readBlob(objects, theirs.oid),
  };
  if (Object.values(files).some(isBinary)) {
    const settled = favor !== undefined && !virtual;
    return { status: settled ? 'clean' : 'binary', bytes: files[settled ? favor : 'ours'], hunks: [] };
  }
  const shown = showPaths(labels, from);
  const mergeLines: ContentMerge['mergeLines'] = (base, ours, theirs) =>
    mergeText(base, ours, theirs, { labels: shown, style, markerSize, ...(favor && !virtual && { favor }) });
  const text = mergeLines(files.base, files.ours, files.theirs);
  if (!driver || virtual) return text;
  const driven = driver({ path, ...files, labels: shown, text, mergeLines });
  return driven ? { ...driven, status: driven.conflict ? 'conflicted' : 'clean' } : text;
}

/** Says in the labels which file each version was, if that is not the same for all. */
function showPaths(labels: Sides<string>, from: Sides<string>): Sides<string> {
  if (from.ours === from.theirs && from.base === from.ours) return labels;
  const { base, ours, theirs } = labels;
  return { base: `${base}:${from.base}`, ours: `${ours}:${from.ours}`, theirs: `${theirs}:${from.theirs}` };
}
