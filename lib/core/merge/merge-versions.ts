import { isBinary } from '../diff/lines.js';
import { hashObject } from '../object/oid.js';
import { readBlob } from '../object/read.js';
import type { FileMode } from '../object/tree.js';
import type { ConflictHunk, ConflictKind, FileVersion, IdentifiedObject, ObjectReader } from '../ports.js';
import type { Sides } from './combine.js';
import type { ConflictStyle } from './conflict-markers.js';
import type { MergeMessage } from './merge-message.js';
import { mergeText } from './merge-text.js';

/** A file that both sides have, and base perhaps. */
export interface BothVersions {
  readonly base: FileVersion | null;
  readonly ours: FileVersion;
  readonly theirs: FileVersion;
}

/** What a file that both sides have comes to. */
export interface MergedVersion {
  readonly version: FileVersion;
  /** The merged contents, where lines were merged. */
  readonly blob?: IdentifiedObject;
  /** Undefined when it merged. */
  readonly conflict?: ConflictKind;
  /** Where in the contents, if lines were merged. */
  readonly hunks: readonly ConflictHunk[];
  /** What git prints, in its order. */
  readonly messages: readonly MergeMessage[];
}

/** How conflicts are shown, and whose they are. */
export interface MergeLabels {
  readonly labels: Sides<string>;
  readonly style?: ConflictStyle;
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
 * Merges a file that both sides have, of one type: its mode and its contents, each on its own.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function mergeVersions(
  objects: ObjectReader,
  path: string,
  versions: BothVersions,
  options: MergeLabels,
): MergedVersion {
  const mode = mergeModes(versions);
  const contents = mergeContents(objects, path, versions, options);
  const conflict = contents.conflict ?? (mode.conflict ? 'distinct modes' : undefined);
  const what = versions.ours.mode === '160000' ? 'submodule' : versions.base ? 'content' : 'add/add';
  return {
    version: { mode: mode.mode, oid: contents.oid },
    ...(contents.blob && { blob: contents.blob }),
    ...(conflict && { conflict }),
    hunks: contents.hunks ?? [],
    messages: conflict
      ? [
          ...contents.messages,
          { paths: [path], type: 'CONFLICT (contents)', text: `CONFLICT (${what}): Merge conflict in ${path}` },
        ]
      : contents.messages,
  };
}

function mergeModes({ base, ours, theirs }: BothVersions): { readonly mode: FileMode; readonly conflict: boolean } {
  if (ours.mode === theirs.mode || ours.mode === base?.mode) return { mode: theirs.mode, conflict: false };
  return { mode: ours.mode, conflict: theirs.mode !== base?.mode };
}

interface MergedContents {
  readonly oid: string;
  readonly blob?: IdentifiedObject;
  readonly conflict?: ConflictKind;
  readonly hunks?: readonly ConflictHunk[];
  readonly messages: readonly MergeMessage[];
}

function mergeContents(
  objects: ObjectReader,
  path: string,
  { base, ours, theirs }: BothVersions,
  { labels, style = 'merge' }: MergeLabels,
): MergedContents {
  if (ours.oid === theirs.oid || ours.oid === base?.oid) return { oid: theirs.oid, messages: [] };
  if (theirs.oid === base?.oid) return { oid: ours.oid, messages: [] };
  const kind = base ? 'content' : 'add/add';
  if (ours.mode === '160000') {
    return {
      oid: ours.oid,
      conflict: kind,
      messages: [
        {
          paths: [path],
          type: 'CONFLICT (submodule not initialized)',
          text: `Failed to merge submodule ${path} (not checked out)`,
        },
      ],
    };
  }
  if (!isRegular(ours.mode)) return { oid: ours.oid, conflict: kind, messages: [] };

  const empty = new Uint8Array(0);
  const baseBytes = base && isRegular(base.mode) ? readBlob(objects, base.oid) : empty;
  const ourBytes = readBlob(objects, ours.oid);
  const theirBytes = readBlob(objects, theirs.oid);
  const merging: MergeMessage = { paths: [path], type: 'Auto-merging', text: `Auto-merging ${path}` };
  if (isBinary(baseBytes) || isBinary(ourBytes) || isBinary(theirBytes)) {
    const text = `warning: Cannot merge binary files: ${path} (${labels.ours} vs. ${labels.theirs})`;
    const warning: MergeMessage = { paths: [path], type: 'CONFLICT (binary)', text };
    return { oid: ours.oid, conflict: 'binary', messages: [warning, merging] };
  }
  const { status, bytes, hunks } = mergeText(baseBytes, ourBytes, theirBytes, { labels, style });
  const blob: IdentifiedObject = { oid: hashObject('blob', bytes), type: 'blob', body: bytes };
  const messages = [merging];
  return status === 'clean'
    ? { oid: blob.oid, blob, messages }
    : { oid: blob.oid, blob, conflict: kind, hunks, messages };
}
