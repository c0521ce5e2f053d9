import { encodeUtf8 } from '../object/text.js';
import type { FileMode } from '../object/tree.js';
import type { FileVersion } from '../ports.js';
import type { FileChange } from './detect-renames.js';
import { indentHeuristic } from './indent-heuristic.js';
import { type LineChange, LineDiff } from './line-diff.js';
import { cutLines, isBinary, type Lines, sliceLines } from './lines.js';

/** A line of a hunk. */
export interface HunkLine {
  readonly sign: ' ' | '-' | '+';
  /** With its line end, if it has one. */
  readonly bytes: Uint8Array;
}

/** Changes that are close to each other, with the lines around them; starts count from 1, or are 0 for an empty side. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly HunkLine[];
}

/** What changed in a file. */
export interface FileDiff extends FileChange {
  readonly binary: boolean;
  /** None for binary files, and where only the path or the mode changed. */
  readonly hunks: readonly Hunk[];
  /** Lines. */
  readonly added: number;
  readonly deleted: number;
  /** Bytes. */
  readonly oldSize: number;
  readonly newSize: number;
}

/** Git's name for what happened to a file: added, deleted, modified, renamed, or another type of file. */
export type ChangeLetter = 'A' | 'D' | 'M' | 'R' | 'T';

/** The letter that `git diff --name-status` shows for a change. */
export function changeLetter({ before, after, from }: FileChange): ChangeLetter {
  if (from !== undefined) return 'R';
  if (!before) return 'A';
  if (!after) return 'D';
  return fileType(before.mode) === fileType(after.mode) ? 'M' : 'T';
}

/** Takes a change of type apart, since a patch shows it as a deletion and an addition; others stay as they are. */
export function splitTypeChange(change: FileChange): FileChange[] {
  return changeLetter(change) === 'T'
    ? [
        { ...change, after: null },
        { ...change, before: null },
      ]
    : [change];
}

/**
 * Compares both versions of a file line by line, with git's default algorithm (myers) and its indent heuristic.
 *
 * @param read the bytes of a version; not asked for submodules
 * @param context unchanged lines to show around changes
 * @see git-diff(1)
 */
export function diffFile(change: FileChange, read: (version: FileVersion) => Uint8Array, context = 3): FileDiff {
  const [before, after] = [change.before, change.after].map((version) => contentsOf(version, read)) as [
    Uint8Array,
    Uint8Array,
  ];
  const sizes = { oldSize: before.length, newSize: after.length };
  const binary = isBinary(before) || isBinary(after);
  if (binary || change.before?.oid === change.after?.oid) {
    return { ...change, ...sizes, binary, hunks: [], added: 0, deleted: 0 };
  }
  const { files, distinct } = cutLines([before, after]);
  const [oldLines, newLines] = files as [Lines, Lines];
  const changes = new LineDiff('myers', distinct).compare(oldLines.ids, newLines.ids, {
    before: indentHeuristic(oldLines),
    after: indentHeuristic(newLines),
  });
  return {
    ...change,
    ...sizes,
    binary: false,
    hunks: groupChanges(changes, context).map((group) => hunkOf(group, oldLines, newLines, context)),
    added: changes.reduce((sum, { newCount }) => sum + newCount, 0),
    deleted: changes.reduce((sum, { oldCount }) => sum + oldCount, 0),
  };
}

function contentsOf(version: FileVersion | null, read: (version: FileVersion) => Uint8Array): Uint8Array {
  if (!version) return new Uint8Array(0);
  return version.mode === '160000' ? encodeUtf8(`Subproject commit ${version.oid}\n`) : read(version);
}

/** Changes share a hunk when their context touches or overlaps. */
function groupChanges(changes: readonly LineChange[], context: number): LineChange[][] {
  const groups: LineChange[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const change of changes) {
    if (change.oldStart - end <= 2 * context) groups.at(-1)!.push(change);
    else groups.push([change]);
    end = change.oldStart + change.oldCount;
  }
  return groups;
}

function hunkOf(changes: readonly LineChange[], before: Lines, after: Lines, context: number): Hunk {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const lead = Math.min(context, first.oldStart);
  const oldFrom = first.oldStart - lead;
  const newFrom = first.newStart - lead;
  const oldTo = Math.min(last.oldStart + last.oldCount + context, before.ids.length);
  const newTo = Math.min(last.newStart + last.newCount + context, after.ids.length);

  const lines: HunkLine[] = [];
  const push = (sign: HunkLine['sign'], file: Lines, from: number, to: number) => {
    for (let i = from; i < to; i++) lines.push({ sign, bytes: sliceLines(file, i, i + 1) });
  };
  let at = oldFrom;
  for (const { oldStart, oldCount, newStart, newCount } of changes) {
    push(' ', before, at, oldStart);
    push('-', before, oldStart, oldStart + oldCount);
    push('+', after, newStart, newStart + newCount);
    at = oldStart + oldCount;
  }
  push(' ', before, at, oldTo);
  // A side without lines is placed after the line before it.
  return {
    oldStart: oldFrom + (oldTo > oldFrom ? 1 : 0),
    oldLines: oldTo - oldFrom,
    newStart: newFrom + (newTo > newFrom ? 1 : 0),
    newLines: newTo - newFrom,
    lines,
  };
}

function fileType(mode: FileMode): string {
  return mode.slice(0, -3);
}
