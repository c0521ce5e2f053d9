import { detectRenames, type FileChange } from '../../core/diff/detect-renames.js';
import { diffFile, type FileDiff, splitTypeChange } from '../../core/diff/diff-file.js';
import { diffTrees, type TreeChange } from '../../core/diff/diff-trees.js';
import { SyncError } from '../../core/errors.js';
import { mergeBases } from '../../core/graph/merge-base.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { isNamed, pathBelowCache } from '../artifacts/pick-artifact.js';
import type { Repository } from '../repository.js';
import { graphOf, treeOf } from './head.js';
import { type LogEntry, logEntry } from './log.js';
import { resolveRevision } from './revision.js';

/** What to compare. */
export interface CompareOptions {
  /** `origin/main` when left out; the empty tree if that was never fetched. */
  readonly from?: string;
  /** `HEAD` when left out. */
  readonly to?: string;
  /** Compares `to` with what the two have in common, instead of with `from`: what became of it since. */
  readonly sinceMergeBase?: boolean;
  /** Artifacts, or files and folders below `.agent/cache`; everything when left out. */
  readonly paths?: readonly string[];
  /** From which similarity on, in per cent, a file that is gone and a new one are one that was renamed; 50 when left out. */
  readonly findRenames?: number | false;
}

/** Two revisions and the files that they have differently, in byte order of path. */
export interface Comparison {
  /** Null for the empty tree. */
  readonly from: Oid | null;
  readonly to: Oid;
  readonly changes: readonly FileChange[];
}

/**
 * Compares two revisions.
 *
 * @throws {SyncError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `UNRELATED_HISTORIES`
 * @see git-diff(1)
 */
export function compareRevisions(repo: Repository, options: CompareOptions = {}): Comparison {
  const { from, to, paths, sinceMergeBase = false } = options;
  const { store } = repo;
  const named = from === undefined ? (store.refs.get(ORIGIN_MAIN) ?? null) : resolveRevision(store, from);
  const after = resolveRevision(store, to ?? 'HEAD');
  const before = sinceMergeBase && named !== null ? commonAncestor(repo, named, after) : named;
  const wanted = paths?.map((path) => pathBelowCache(path).replace(/\/$/, ''));
  const changes = diffTrees(store.objects, treeOf(store, before), treeOf(store, after)).filter(
    ({ path }) =>
      !wanted || wanted.some((place) => path === place || path.startsWith(`${place}/`) || isNamed(path, place)),
  );
  return { from: before, to: after, changes: withRenames(repo, changes, options.findRenames) };
}

/** Of several merge bases git as well takes one, and does not say which. */
function commonAncestor({ store }: Repository, one: Oid, other: Oid): Oid {
  const [base] = mergeBases(graphOf(store), one, other);
  if (base !== undefined) return base;
  throw new SyncError('UNRELATED_HISTORIES', `${one} and ${other} have no commit in common`, {
    hint: "Compare them as they are, with '..'.",
  });
}

/** A commit, compared with its first parent. */
export interface ShownCommit {
  readonly commit: LogEntry;
  readonly changes: readonly FileChange[];
}

/**
 * Finds a commit and what it changed; a merge is compared with the branch it was made on.
 *
 * @throws {SyncError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`
 * @see git-show(1)
 */
export function showCommit(repo: Repository, revision: string): ShownCommit {
  const { store } = repo;
  const commit = logEntry(repo, resolveRevision(store, revision));
  const before = treeOf(store, commit.parents[0] ?? null);
  return { commit, changes: withRenames(repo, diffTrees(store.objects, before, treeOf(store, commit.oid))) };
}

/** Compares the two versions of each changed file line by line. */
export function diffChanges(repo: Repository, changes: readonly FileChange[]): FileDiff[] {
  return changes
    .flatMap(splitTypeChange)
    .map((change) => diffFile(change, ({ oid }) => readBlob(repo.store.objects, oid)));
}

function withRenames(
  repo: Repository,
  changes: readonly TreeChange[],
  percent: number | false = 50,
): readonly FileChange[] {
  if (percent === false) return changes;
  return detectRenames(changes, ({ oid }) => readBlob(repo.store.objects, oid), percent);
}
