/** The merge that waits for a person, and how conflicts were settled before. */
import type { Oid } from '../object/oid.js';
import type { FileMode } from '../object/tree.js';

/** A file as a tree records it. */
export interface FileVersion {
  readonly mode: FileMode;
  readonly oid: Oid;
}

/** Git's names for what can keep a path from merging, and our own `state`: an artifact went two ways, or a way it may not go. */
export type ConflictKind =
  | 'content'
  | 'add/add'
  | 'modify/delete'
  | 'binary'
  | 'distinct modes'
  | 'distinct types'
  | 'file/directory'
  | 'rename/rename'
  | 'rename/delete'
  | 'rename involved in collision'
  | 'directory rename suggested'
  | 'directory rename unclear split'
  | 'state';

/** Lines `start` up to, not including, `end`, counted from 0. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** One conflict inside a text: the lines in question in each version, and where they stand in the merged text, markers included. */
export interface ConflictHunk {
  /** In the style that does not show base several hunks may share it. */
  readonly base: LineRange;
  readonly ours: LineRange;
  readonly theirs: LineRange;
  readonly result: LineRange;
  /** What of ours stands for base where that is more: lines around the conflict, which are the same on both sides, as well. */
  readonly forBase?: LineRange;
}

/** A path that did not merge: the three versions (stages 1, 2, 3) and git's message for it. */
export interface Conflict {
  readonly path: string;
  readonly kind: ConflictKind;
  readonly base: FileVersion | null;
  readonly ours: FileVersion | null;
  readonly theirs: FileVersion | null;
  readonly message: string;
  /** In the order of the text; none where no lines were merged, as in a modify/delete. */
  readonly hunks: readonly ConflictHunk[];
}

/** What the lines of one hunk come to: one side's, ours' and then theirs', base's, or what somebody wrote. */
export type HunkAnswer = 'ours' | 'theirs' | 'union' | 'base' | { readonly text: string };

/** How far a conflict is settled. */
export interface ConflictAnswer {
  /** By number of hunk; null, or missing at the end, where there is no answer. Empty where the conflict was settled as a whole. */
  readonly answers: readonly (HunkAnswer | null)[];
  /** The text with the answers to some hunks, and markers around the others; null where no or all hunks are answered. */
  readonly partial: FileVersion | null;
  /** Undefined while open, null when settled by deletion. */
  readonly resolution: FileVersion | null | undefined;
}

/** A conflict in the store, with the answer given so far. */
export interface PendingConflict extends Conflict, ConflictAnswer {}

/** What a path on disk held before a command changed it; null where there was no file. */
export interface PathBefore {
  readonly path: string;
  readonly oid: Oid | null;
}

/** A merge that stopped for a person: all that is needed to continue it or to undo it exactly. */
export interface MergeState {
  /** `pull` makes a commit with two parents, `import` and `revert` one with one, `rebase` one with the author of the commit replayed. */
  readonly kind: 'pull' | 'import' | 'revert' | 'rebase';
  /** The commit that was `HEAD`, or in a rebase the last one made; null on an unborn branch. */
  readonly ours: Oid | null;
  /**
   * The commit merged in, or replayed; null for an import, which merges the files on disk, for a revert, and for a rebase that is done
   * but for the disk.
   */
  readonly theirs: Oid | null;
  /** The merged tree, conflicted files with their markers. */
  readonly tree: Oid;
  /** The message of the commit to come. */
  readonly message: string;
  /** What the touched paths held on disk, for `--abort`. */
  readonly before: readonly PathBefore[];
  /** Where the disk does not show yet what the store says, and what it holds until then. */
  readonly unfollowed: readonly PathBefore[];
  readonly conflicts: readonly PendingConflict[];
  /** What this is a step of, in a rebase. */
  readonly rebase?: RebaseState;
}

/** A commit of a rebase and what became of it; null when it was dropped, because its changes were there already. */
export interface ReplayedCommit {
  readonly from: Oid;
  readonly to: Oid | null;
}

/** How far a rebase is, and the way back. Refs move when it is done. */
export interface RebaseState {
  /** The commit that is `HEAD` until the rebase is done. */
  readonly head: Oid;
  readonly onto: Oid;
  /** Whose lines win: in a rebase, ours are those of `onto`. */
  readonly favor: 'ours' | 'theirs' | null;
  /** In order. */
  readonly done: readonly ReplayedCommit[];
  /** The commits still to be replayed after this step, the next one first. */
  readonly todo: readonly Oid[];
}

/** The merge in progress, if any. */
export interface MergeStore {
  get(): MergeState | undefined;
  set(state: MergeState): void;
  /**
   * Keeps the answer to the conflict at a path, in place of an earlier one; the disk has to follow.
   *
   * @param before what the disk holds there
   */
  resolve({ path, oid }: PathBefore, answer: ConflictAnswer): void;
  /** Notes that the disk shows everything, but for paths where somebody has put something else. */
  setFollowed(except: readonly string[]): void;
  clear(): void;
}

/** How a person resolved a text with certain conflicts, as blob ids. */
export interface RecordedResolution {
  /** The text with its conflicts, in the normal form of `normalizeConflict`. */
  readonly preimage: Oid;
  readonly postimage: Oid;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** Resolutions by the id of what they resolve; the same conflicts may have been met in several texts. */
export interface RerereStore {
  /** Newest first. */
  find(conflict: Oid): RecordedResolution[];
  /** Takes the place of what was recorded for the same text. */
  record(conflict: Oid, resolution: RecordedResolution): void;
}
