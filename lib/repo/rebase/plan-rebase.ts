import { diffTrees, type TreeChange } from '../../core/diff/diff-trees.js';
import { patchId } from '../../core/diff/patch-id.js';
import { SyncError } from '../../core/errors.js';
import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { mergeBases } from '../../core/graph/merge-base.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import { topoOrder } from '../../core/graph/topo-order.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { ObjectReader } from '../../core/ports.js';

/** What a rebase has to do. */
export type RebasePlan =
  | { readonly do: 'nothing' }
  | { readonly do: 'fast-forward' }
  | {
      readonly do: 'replay';
      /** The commits to make again, the next one first. */
      readonly todo: readonly Oid[];
      /** Commits whose patch the other side has already, as a commit of its own. */
      readonly applied: readonly Oid[];
    };

/**
 * Decides what a rebase of `head` onto `upstream` does: it replays the commits that only `head` has, parents first, without
 * merges and without those whose patch upstream has already.
 *
 * @param label what to call upstream in messages
 * @throws {SyncError} `UNRELATED_HISTORIES` unless they are allowed
 * @see git-rebase(1)
 */
export function planRebase(
  objects: ObjectReader,
  graph: CommitGraph,
  head: Oid | null,
  upstream: Oid,
  { label, allowUnrelated = false }: { readonly label: string; readonly allowUnrelated?: boolean },
): RebasePlan {
  if (head === null) return { do: 'fast-forward' };
  const bases = mergeBases(graph, head, upstream);
  if (bases.length === 0 && !allowUnrelated) {
    throw new SyncError('UNRELATED_HISTORIES', `HEAD and ${label} have no commit in common`, {
      hint: "If both began with an import of the same files, '--allow-unrelated-histories' joins them.",
    });
  }
  const isSingle = (oid: Oid) => graph.parents(oid).length < 2;
  const own = topoOrder(graph, head, revWalk(graph, [head], [upstream])).reverse();
  if (bases.includes(upstream) && own.every(isSingle)) return { do: 'nothing' };
  if (bases.includes(head)) return { do: 'fast-forward' };
  const theirs = revWalk(graph, [upstream], [head]).filter(isSingle);
  const isApplied = patchesOf(objects, theirs);
  const commits = own.filter(isSingle).map((oid) => ({ oid, isApplied: isApplied(oid) }));
  const select = (wanted: boolean) => commits.flatMap(({ oid, isApplied }) => (isApplied === wanted ? oid : []));
  return { do: 'replay', todo: select(false), applied: select(true) };
}

/** Tells whether one of `commits` makes the same patch as another commit; compares lines only where the same paths changed. */
function patchesOf(objects: ObjectReader, commits: readonly Oid[]): (commit: Oid) => boolean {
  const byPaths = new Map<string, TreeChange[][]>();
  for (const commit of commits) {
    const changes = changesOf(objects, commit);
    const paths = pathsOf(changes);
    byPaths.set(paths, [...(byPaths.get(paths) ?? []), changes]);
  }
  return (commit) => {
    const changes = changesOf(objects, commit);
    const candidates = byPaths.get(pathsOf(changes)) ?? [];
    if (candidates.length === 0) return false;
    const id = patchId(objects, changes);
    return candidates.some((candidate) => patchId(objects, candidate) === id);
  };
}

function changesOf(objects: ObjectReader, commit: Oid): TreeChange[] {
  const { tree, parents } = readCommit(objects, commit);
  return diffTrees(objects, parents[0] ? readCommit(objects, parents[0]).tree : null, tree);
}

function pathsOf(changes: readonly TreeChange[]): string {
  return changes.map(({ path }) => path).join('\0');
}
