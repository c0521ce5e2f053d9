import type { Oid } from '../../core/object/oid.js';
import type { Worktree } from '../../core/ports.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { headCommit, treeOf } from '../history/head.js';
import { keepBytes, refuseDuringMerge } from '../merge/merge-state.js';
import { recordOperation } from '../operations/operation.js';
import type { Repository } from '../repository.js';
import { recordDisk } from './base.js';
import { type CheckoutPlan, planCheckout, plannedChanges, refuseBlocked, runCheckout } from './checkout.js';
import { filesOf, readDisk } from './disk.js';

/** How the files in a folder differ from `HEAD`. */
export interface ExportDifference {
  readonly path: string;
  /** `missing`: not on disk. `different`: other bytes. `extra`: on disk only. */
  readonly what: 'missing' | 'different' | 'extra';
}

/** What an export did. */
export interface ExportResult {
  readonly commit: Oid | null;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Files that `HEAD` does not have and that were left alone. */
  readonly extra: readonly string[];
  /** Files that were as they should be. */
  readonly unchanged: number;
}

/**
 * Writes `HEAD`'s artifacts as Markdown, byte for byte, each file in one step.
 *
 * A file whose bytes the store has (in any version) may be replaced; other bytes are somebody's work and stop the export
 * before anything is written. A file that `HEAD` no longer has is removed only if it is as the store knows it.
 *
 * @param directory a folder to export to instead of `.agent/cache`
 * @throws {SyncError} `LOCAL_CHANGES`, `MERGE_IN_PROGRESS`, `FILE_UNREADABLE`
 */
export function exportMarkdown(repo: Repository, directory?: string): ExportResult {
  const name = directory === undefined ? 'export' : 'export --to';
  return asSyncOperation(
    repo,
    name,
    () => exportNow(repo, directory),
    ({ commit, written, removed }) => ({
      result: 'exported',
      detail: { commit, written: written.length, removed: removed.length },
    }),
  );
}

function exportNow(repo: Repository, directory: string | undefined): ExportResult {
  const { store } = repo;
  const own = directory === undefined;
  if (own) refuseDuringMerge(store);
  const worktree = own ? repo.worktree : repo.worktreeAt(directory);
  const commit = headCommit(store);
  const { plan, extra, files } = planExport(repo, worktree, treeOf(store, commit));
  const hint = own
    ? "Run 'agent sync import' to keep them, then export again."
    : 'Choose an empty folder, or move those files away.';
  refuseBlocked(plan.blocked, hint);
  const base = own && commit ? { commit, tree: treeOf(store, commit)! } : undefined;
  recordOperation(repo, 'export', () => {
    if (own) {
      store.transact(() => {
        // What only an old version has, and nothing names, a gc may have taken meanwhile.
        for (const { path, before } of plannedChanges(plan))
          if (before && !store.objects.has(before)) keepBytes(repo, path);
        recordDisk(repo, plan, base);
      });
    }
    refuseBlocked(runCheckout(store.objects, worktree, plan), hint);
    if (base) worktree.writeBase(base);
  });
  const written = plan.write.map(({ path }) => path);
  return { commit, written, removed: plan.remove.map(({ path }) => path), extra, unchanged: files - written.length };
}

/**
 * Compares the files in a folder with `HEAD`, writing nothing.
 *
 * @returns the differences in byte order of path; none when disk and store agree
 */
export function checkExport(repo: Repository, directory?: string): ExportDifference[] {
  const { store } = repo;
  const worktree = directory === undefined ? repo.worktree : repo.worktreeAt(directory);
  const onDisk = hashFolder(repo, worktree);
  const wanted = filesOf(repo.store.objects, treeOf(store, headCommit(store)));
  const paths = [...new Set([...wanted.keys(), ...onDisk.keys()])].sort();
  return paths.flatMap((path): ExportDifference[] => {
    if (!onDisk.has(path)) return [{ path, what: 'missing' }];
    if (!wanted.has(path)) return [{ path, what: 'extra' }];
    return onDisk.get(path) === wanted.get(path) ? [] : [{ path, what: 'different' }];
  });
}

function planExport(
  repo: Repository,
  worktree: Worktree,
  tree: Oid | null,
): { plan: CheckoutPlan; extra: string[]; files: number } {
  const { objects } = repo.store;
  const onDisk = hashFolder(repo, worktree);
  const wanted = filesOf(repo.store.objects, tree);
  const recorded = worktree.readBase()?.tree;
  const tracked = filesOf(repo.store.objects, recorded !== undefined && objects.has(recorded) ? recorded : null);
  const extra = [...onDisk.keys()].filter((path) => !wanted.has(path));
  const gone = extra.filter((path) => tracked.get(path) === onDisk.get(path));
  const changes = [...wanted.keys(), ...gone].map((path) => ({
    path,
    before: tracked.get(path) ?? null,
    after: wanted.get(path) ?? null,
  }));
  const plan = planCheckout(
    changes,
    (path) => onDisk.get(path),
    (oid) => objects.has(oid),
  );
  return { plan, extra: extra.filter((path) => !gone.includes(path)), files: wanted.size };
}

/** The stat cache describes `.agent/cache` only; another folder is hashed anew. */
function hashFolder(repo: Repository, worktree: Worktree): ReadonlyMap<string, Oid> {
  if (worktree === repo.worktree) return readDisk(repo.store, worktree).files;
  return readDisk({ objects: repo.store.objects, stats: { load: () => new Map(), save: () => {} } }, worktree).files;
}
