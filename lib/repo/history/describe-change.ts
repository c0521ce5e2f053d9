import { isArtifactPath, parseArtifactPath } from '../../artifact/path.js';
import { detectRenames } from '../../core/diff/detect-renames.js';
import { type ChangeLetter, changeLetter } from '../../core/diff/diff-file.js';
import { diffTrees } from '../../core/diff/diff-trees.js';
import { contains } from '../../core/graph/merge-base.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob, readCommit } from '../../core/object/read.js';
import type { ArtifactKind, FileVersion, RefName } from '../../core/ports.js';
import { actorName } from '../actor.js';
import type { Repository } from '../repository.js';
import type { MovedRef } from '../sync/plan-watch.js';
import { changedPaths } from './changed-paths.js';
import { documentFacts } from './document-facts.js';
import { graphOf, treeOf } from './head.js';

/** A commit that somebody brought. */
export interface BroughtCommit {
  readonly oid: Oid;
  /** The author's name, or the actor id when nobody by it is known. */
  readonly author: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The first line of the message. */
  readonly subject: string;
}

/** An artifact that is not as it was. */
export interface ArtifactMove {
  readonly path: string;
  /** The path it had before; null where it is the same. */
  readonly from: string | null;
  /** Empty where the file name has none. */
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly change: ChangeLetter;
  /** Null where there is none that can be read. */
  readonly state: { readonly before: string | null; readonly after: string | null };
}

/** Who changed what between two values of a ref. */
export interface Change {
  readonly ref: RefName;
  readonly from: Oid | null;
  readonly to: Oid;
  /** The new value does not contain the old one: the origin's history was replaced. */
  readonly forced: boolean;
  /** Children before parents. */
  readonly commits: readonly BroughtCommit[];
  /** In byte order of path. */
  readonly artifacts: readonly ArtifactMove[];
}

/**
 * Tells who changed what.
 *
 * @param own the actor whose commits are no news
 * @returns undefined when all commits are of that actor
 */
export function describeChange(
  repo: Repository,
  { ref, from, to }: MovedRef,
  own: string | undefined,
): Change | undefined {
  const { objects } = repo.store;
  const graph = graphOf(repo.store);
  const commits = revWalk(graph, [to], from === null ? [] : [from]).map((oid) => ({
    oid,
    ...readCommit(objects, oid),
  }));
  const news = commits.filter(({ committer }) => committer.actor !== own);
  if (commits.length > 0 && news.length === 0) return undefined;
  const forced = from !== null && !contains(graph, to, from);
  const isNews = forced || news.length === commits.length ? () => true : isChangedBy(repo, news);
  return {
    ref,
    from,
    to,
    forced,
    commits: news.map(({ oid, author, message }) => ({
      oid,
      author: actorName(repo, author.actor),
      time: author.time,
      subject: message.split('\n', 1)[0]!,
    })),
    artifacts: movedArtifacts(repo, from, to).filter(isNews),
  };
}

/** Tells what others changed from what came back of one's own. */
function isChangedBy(
  { store }: Repository,
  commits: readonly { readonly oid: Oid }[],
): (move: ArtifactMove) => boolean {
  const paths = new Set(commits.flatMap(({ oid }) => changedPaths(store.objects, oid)));
  return ({ path, from }) => paths.has(path) || (from !== null && paths.has(from));
}

function movedArtifacts({ store }: Repository, from: Oid | null, to: Oid): ArtifactMove[] {
  const read = ({ oid }: FileVersion) => readBlob(store.objects, oid);
  const stateOf = (path: string, version: FileVersion | null) =>
    version && isArtifactPath(path) ? documentFacts(path, read(version)).state : null;
  const changes = detectRenames(diffTrees(store.objects, treeOf(store, from), treeOf(store, to)), read, 50);
  return changes.flatMap((change) => {
    const { path, before, after, from = path } = change;
    const named = parseArtifactPath(path);
    if (!named) return [];
    const state = { before: stateOf(from, before), after: stateOf(path, after) };
    const { id, kind } = named;
    return [{ path, from: from === path ? null : from, id, kind, change: changeLetter(change), state }];
  });
}
