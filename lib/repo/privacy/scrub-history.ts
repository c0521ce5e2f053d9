import { SyncError } from '../../core/errors.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import { encodeCommit } from '../../core/object/commit.js';
import { findPath } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob, readCommit } from '../../core/object/read.js';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import { isTree } from '../../core/object/tree.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { formsOf, type SecretForms } from '../../privacy/held-secret.js';
import { currentActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { baseTree, forgetBases, planMove } from '../disk/base.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { graphOf, headCommit } from '../history/head.js';
import { moveHead } from '../history/move-head.js';
import { writeTree } from '../history/write-tree.js';
import { gc } from '../maintenance/gc.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { listFindings } from './gate.js';
import { cleanse, findUnclean, formatUnclean, type Unclean } from './unclean.js';

/** What the commits of a store hold that may not be sent. */
export interface HistoryFindings {
  /** In commits that were never pushed, the oldest first. */
  readonly own: readonly Unclean[];
  /** In commits that the origin has: they stay as they are. */
  readonly pushed: readonly Unclean[];
}

/** What rewriting did. */
export interface HistoryScrub extends HistoryFindings {
  /** Null where nothing had to be rewritten. */
  readonly rewritten: { readonly from: Oid; readonly to: Oid; readonly commits: number } | null;
  /** Whether what was replaced is gone from the file of the store. False while another process has the store open. */
  readonly erased: boolean;
}

/**
 * Looks through all commits for what may not be sent.
 *
 * @throws {SyncError} `CONFIG_INVALID`
 */
export async function checkHistory(repo: Repository): Promise<HistoryFindings> {
  const { store } = repo;
  const [head, origin] = [headCommit(store), store.refs.get(ORIGIN_MAIN)];
  const graph = graphOf(store);
  const known = origin === undefined ? [] : [origin];
  return {
    own: await findUnclean(repo, head ? revWalk(graph, [head], known).reverse() : []),
    pushed: await findUnclean(repo, revWalk(graph, known).reverse()),
  };
}

/**
 * Makes the commits that were never pushed again without what may not be sent, and removes the old ones from the store.
 *
 * So that nothing brings the old ones back, what was done before cannot be undone any more: the logs of operations and of the
 * branch, and remembered resolutions, are emptied. Authors, times and the rest of each message stay.
 *
 * @throws {SyncError} `MERGE_IN_PROGRESS`; `LOCAL_CHANGES` when work on disk is not imported; `CONTENT_BLOCKED` when a file's name is
 *   what may not be sent; `REF_CHANGED`
 */
export function scrubHistory(repo: Repository): Promise<HistoryScrub> {
  return asSyncOperation(
    repo,
    'scrub --history',
    () => rewriteHistory(repo),
    ({ rewritten }) => ({
      result: rewritten ? 'rewritten' : 'unchanged',
      detail: { commits: rewritten?.commits ?? 0 },
    }),
  );
}

async function rewriteHistory(repo: Repository): Promise<HistoryScrub> {
  const { store } = repo;
  refuseDuringMerge(store);
  const from = headCommit(store);
  const found = await checkHistory(repo);
  if (from === null || found.own.length === 0) return { ...found, rewritten: null, erased: true };
  refuseNames(found.own);
  const forms = formsOf(await repo.secrets());
  const actor = await currentActor(repo);
  const rewritten = takeStep(repo, 'scrub --history', (): Step<NonNullable<HistoryScrub['rewritten']>> => {
    const made = remake(repo, from, found.own, forms);
    moveHead(repo, from, made.to, actor, 'scrub: rewrote what was never pushed');
    const tree = readCommit(store.objects, made.to).tree;
    const move = planMove(
      repo,
      baseTree(store, repo.worktree),
      tree,
      "Run 'agent sync import' first, so that they are kept.",
    );
    return { result: { from, ...made }, move, commit: made.to };
  });
  store.transact(() => {
    store.garbage.forgetLocal();
    forgetBases(store);
  });
  gc(repo, { graceDays: 0 });
  return { ...found, rewritten, erased: store.garbage.compact() };
}

function refuseNames(unclean: readonly Unclean[]): void {
  const named = unclean.filter(({ where }) => where === 'name');
  if (named.length === 0) return;
  throw new SyncError(
    'CONTENT_BLOCKED',
    `the names of files hold what may not be sent, and a file is not renamed by itself:${listFindings(formatUnclean(named))}`,
    { hint: 'Go back before those commits, and import the files again under other names. Nothing was rewritten.' },
  );
}

/** Makes every commit again that has something unclean, or descends from one that has. */
function remake(
  repo: Repository,
  head: Oid,
  unclean: readonly Unclean[],
  forms: SecretForms,
): { readonly to: Oid; readonly commits: number } {
  const { store } = repo;
  const clean = cleanVersions(repo, unclean, forms);
  const messages = new Set(unclean.flatMap(({ where, commit }) => (where === 'message' ? [commit] : [])));
  const origin = store.refs.get(ORIGIN_MAIN);
  const made = new Map<Oid, Oid>();
  for (const oid of revWalk(graphOf(store), [head], origin ? [origin] : []).reverse()) {
    const commit = readCommit(store.objects, oid);
    const parents = commit.parents.map((parent) => made.get(parent) ?? parent);
    const edits = clean.flatMap(({ path, from, to }) => {
      const version = findPath(store.objects, commit.tree, path);
      return version && !isTree(version) && version.oid === from
        ? [{ path, version: { mode: version.mode, oid: to } }]
        : [];
    });
    const message = messages.has(oid)
      ? decodeUtf8(cleanse(repo, '', encodeUtf8(commit.message), forms))
      : commit.message;
    const isSame =
      edits.length === 0 && message === commit.message && parents.every((id, i) => id === commit.parents[i]);
    if (isSame) continue;
    const tree = writeTree(store, commit.tree, edits);
    made.set(oid, store.objects.write({ type: 'commit', body: encodeCommit({ ...commit, tree, parents, message }) }));
  }
  return { to: made.get(head) ?? head, commits: made.size };
}

function cleanVersions(repo: Repository, unclean: readonly Unclean[], forms: SecretForms) {
  return unclean.flatMap(({ where, path, oid: from }) => {
    if (where !== 'text') return [];
    const body = cleanse(repo, path, readBlob(repo.store.objects, from), forms);
    return [{ path, from, to: repo.store.objects.write({ type: 'blob', body }) }];
  });
}
