import { sameVersion } from '../../core/diff/join-trees.js';
import { cutLines, type Lines, sliceLines } from '../../core/diff/lines.js';
import { settleHunks } from '../../core/merge/settle-hunks.js';
import { hashObject, type Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import type {
  ArtifactKind,
  ConflictHunk,
  ConflictKind,
  FileVersion,
  HunkAnswer,
  LineRange,
  MergeState,
  PendingConflict,
  Store,
} from '../../core/ports.js';
import { mergedVersion, shownVersion, stagesOf } from '../merge/merge-state.js';
import { conflictArtifact, pickConflicts } from './pick-conflicts.js';
import { suggestResolution } from './rerere.js';

/** One hunk of a conflict, for whoever is to settle it. */
export interface ListedHunk {
  /** From 1, and the same until the merge ends. */
  readonly index: number;
  /** Lines of the versions, counted from 0. */
  readonly base: LineRange;
  readonly ours: LineRange;
  readonly theirs: LineRange;
  /** Lines of the text as it is now, markers included; null once they are gone. */
  readonly result: LineRange | null;
  /** The lines of each version. */
  readonly lines: { readonly base: string; readonly ours: string; readonly theirs: string };
  readonly answer: HunkAnswer | null;
}

/** A conflict of the merge in progress, for whoever is to settle it. */
export interface ListedConflict {
  readonly path: string;
  /** Null where the path is no artifact's. */
  readonly artifact: { readonly kind: ArtifactKind; readonly id: string } | null;
  readonly kind: ConflictKind;
  /** What each side did, as git says it. */
  readonly message: string;
  readonly base: FileVersion | null;
  readonly ours: FileVersion | null;
  readonly theirs: FileVersion | null;
  /** The text as it is now, with markers around what is open; null where there is no file. */
  readonly text: Oid | null;
  readonly hunks: readonly ListedHunk[];
  /** The text that the same conflicts were resolved to before, for a person to take or leave; null where none is known. */
  readonly suggestion: string | null;
  /** How it was settled; null while it is open. */
  readonly settled: 'ours' | 'theirs' | 'base' | 'removed' | 'hunks' | 'text' | null;
  /** Changes when the conflict does, or what was answered: an answer made from this is good as long as the token is the same. */
  readonly token: string;
}

/** What to look for besides. */
export interface ListOptions {
  /** Whether to look for how the same conflicts were resolved before: `merge.rerere`. */
  readonly rerere?: boolean;
}

/** The conflicts of the merge in progress. */
export interface ConflictList {
  /** False when no merge is in progress. */
  readonly merging: boolean;
  /** Whether it is a step of a rebase, which is finished and dropped in its own way. */
  readonly rebasing: boolean;
  /** How many of those listed are open. */
  readonly open: number;
  readonly conflicts: readonly ListedConflict[];
}

/**
 * Lists the conflicts of the merge in progress, with everything that it takes to settle them.
 *
 * @param asked ids, `kind/id` or paths; all conflicts when left out or empty
 * @throws {SyncError} `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function listConflicts(
  store: Store,
  asked: readonly string[] = [],
  { rerere = false }: ListOptions = {},
): ConflictList {
  const state = store.merge.get();
  if (!state) return { merging: false, rebasing: false, open: 0, conflicts: [] };
  const wanted = new Set(asked.flatMap((name) => pickConflicts(state.conflicts, name)));
  const conflicts = state.conflicts
    .filter((conflict) => asked.length === 0 || wanted.has(conflict))
    .map((conflict) => {
      const isOpen = conflict.resolution === undefined;
      const before = rerere && isOpen ? suggestResolution(store, state, conflict) : undefined;
      return { ...describe(store, state, conflict), suggestion: before ? decodeUtf8(before.bytes) : null };
    });
  const open = conflicts.filter(({ settled }) => settled === null).length;
  return { merging: true, rebasing: state.rebase !== undefined, open, conflicts };
}

/** What an answer to a conflict has to quote: it changes whenever the conflict does. */
export function conflictToken(store: Store, state: MergeState, conflict: PendingConflict): string {
  const { path, kind, base, ours, theirs, hunks, answers } = conflict;
  const shown = shownVersion(store, state, path);
  const facts = [path, kind, base, ours, theirs, hunks, answers, shown, settledBy(conflict)];
  return hashObject('blob', encodeUtf8(JSON.stringify(facts)));
}

function describe(store: Store, state: MergeState, conflict: PendingConflict): Omit<ListedConflict, 'suggestion'> {
  const { path, kind, message, base, ours, theirs } = conflict;
  const artifact = conflictArtifact(path);
  return {
    path,
    artifact: artifact ? { kind: artifact.kind, id: artifact.id } : null,
    kind,
    message,
    base,
    ours,
    theirs,
    text: shownVersion(store, state, path)?.oid ?? null,
    hunks: describeHunks(store, state, conflict),
    settled: settledBy(conflict),
    token: conflictToken(store, state, conflict),
  };
}

function describeHunks(store: Store, state: MergeState, conflict: PendingConflict): ListedHunk[] {
  const merged = mergedVersion(store, state, conflict.path);
  if (!merged || conflict.hunks.length === 0) return [];
  const versions = stagesOf(store, conflict);
  const left =
    conflict.resolution === undefined
      ? settleHunks(readBlob(store.objects, merged.oid), versions, conflict.hunks, conflict.answers).hunks
      : [];
  const [base, ours, theirs] = cutLines([versions.base, versions.ours, versions.theirs]).files as [Lines, Lines, Lines];
  return conflict.hunks.map((hunk, i) => ({
    index: i + 1,
    base: hunk.base,
    ours: hunk.ours,
    theirs: hunk.theirs,
    result: left.find((other) => isSame(hunk, other))?.result ?? null,
    lines: { base: slice(base, hunk.base), ours: slice(ours, hunk.ours), theirs: slice(theirs, hunk.theirs) },
    answer: conflict.answers[i] ?? null,
  }));
}

function isSame(hunk: ConflictHunk, other: ConflictHunk): boolean {
  return hunk.ours.start === other.ours.start && hunk.theirs.start === other.theirs.start;
}

function slice(lines: Lines, { start, end }: LineRange): string {
  return decodeUtf8(sliceLines(lines, start, end));
}

function settledBy({ answers, resolution, ...stages }: PendingConflict): ListedConflict['settled'] {
  if (resolution === undefined) return null;
  if (resolution === null) return 'removed';
  if (answers.length > 0) return 'hunks';
  const sides = ['ours', 'theirs', 'base'] as const;
  return sides.find((side) => sameVersion(stages[side], resolution)) ?? 'text';
}
