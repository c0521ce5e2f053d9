import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { contains } from '../../core/graph/merge-base.js';
import { findPath } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import { decodeUtf8 } from '../../core/object/text.js';
import type { ObjectReader } from '../../core/ports.js';
import { changedPaths } from '../history/changed-paths.js';

/** A version of an artifact, and where a commit put it. */
export interface FoundBlob {
  readonly oid: Oid;
  /** One of the paths that it had; null for what no commit has. */
  readonly path: string | null;
}

/**
 * Finds the blobs that nobody but some actors brought in, in commits of any age and on any branch.
 *
 * Who moves, copies or brings back what an earlier commit had has not written it.
 *
 * @param commits parents before children
 */
export function blobsWrittenBy(
  objects: ObjectReader,
  graph: CommitGraph,
  commits: readonly Oid[],
  actors: ReadonlySet<string>,
): FoundBlob[] {
  const blobs = new Map<Oid, { path: string; introduced: Oid[]; byOthers: boolean }>();
  for (const commit of commits) {
    const { author } = readCommit(objects, commit);
    for (const { path, oid } of changedBlobs(objects, commit)) {
      const known = blobs.get(oid) ?? { path, introduced: [], byOthers: false };
      blobs.set(oid, known);
      if (known.introduced.some((earlier) => contains(graph, commit, earlier))) continue;
      known.introduced.push(commit);
      if (!actors.has(author.actor)) known.byOthers = true;
    }
  }
  return [...blobs].flatMap(([oid, { path, byOthers }]) => (byOthers ? [] : [{ oid, path }]));
}

/** What a commit put where none of its parents has it. */
export function changedBlobs(objects: ObjectReader, commit: Oid): { readonly path: string; readonly oid: Oid }[] {
  const { tree } = readCommit(objects, commit);
  return changedPaths(objects, commit).flatMap((path) => {
    const entry = findPath(objects, tree, path);
    return entry ? [{ path, oid: entry.oid }] : [];
  });
}

/** What a purge cannot erase, because ids depend on it, or because others wrote it. */
export interface Remains {
  /** Paths in `HEAD` with one of the words in them. */
  readonly paths: readonly string[];
  /** Commits whose message has one. */
  readonly messages: readonly Oid[];
  /** Versions of artifacts, by others, whose text has one. */
  readonly versions: number;
}

/** Finds words in texts, wherever they stand and however they are written. */
export function findRemains(
  objects: ObjectReader,
  words: readonly string[],
  {
    paths,
    commits,
    blobs,
  }: { readonly paths: readonly string[]; readonly commits: readonly Oid[]; readonly blobs: readonly Oid[] },
): Remains {
  const wanted = words.map((word) => word.toLowerCase());
  const has = (text: string) => wanted.some((word) => text.toLowerCase().includes(word));
  // In a path a name is written with hyphens.
  const hasSlug = (path: string) => has(path) || has(path.replace(/[-_.]+/g, ' '));
  return {
    paths: paths.filter(hasSlug),
    messages: commits.filter((oid) => has(readCommit(objects, oid).message)),
    versions: blobs.filter((oid) => has(decodeUtf8(objects.read(oid).body))).length,
  };
}
