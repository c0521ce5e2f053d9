import { readTrailers } from '../../artifact/draft-handle.js';
import { parseArtifactPath } from '../../artifact/path.js';
import { diffTrees } from '../../core/diff/diff-trees.js';
import type { CommitGraph } from '../../core/graph/commit-graph.js';
import { contains } from '../../core/graph/merge-base.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob, readCommit } from '../../core/object/read.js';
import type { ArtifactChange, ArtifactRow, IndexStep, ObjectReader } from '../../core/ports.js';
import { changedPaths } from './changed-paths.js';
import { documentFacts } from './document-facts.js';

/** A step of the index, and the commit it starts from: null when the index must be emptied first. */
export interface PlannedIndexStep extends IndexStep {
  readonly from: Oid | null;
}

/**
 * Works out how the artifact index gets from one commit to another.
 *
 * Only commits between the two are read. When `to` does not contain `from`, history was left and the index starts anew.
 */
export function planIndexStep(
  objects: ObjectReader,
  graph: CommitGraph,
  from: Oid | null,
  to: Oid | null,
): PlannedIndexStep {
  if (to === null) return { from: null, at: null, removed: [], written: [], changes: [], handles: [], commits: [] };
  const start = from !== null && objects.has(from) && contains(graph, to, from) ? from : null;
  const commits = revWalk(graph, [to], start ? [start] : []);
  const treeChanges = diffTrees(objects, start && readCommit(objects, start).tree, readCommit(objects, to).tree);
  return {
    from: start,
    at: to,
    removed: treeChanges.filter((change) => change.after === null).map((change) => change.path),
    written: treeChanges.flatMap(({ path, after }) => (after ? (readRow(objects, path, after.oid) ?? []) : [])),
    changes: commits.flatMap((commit) => artifactChanges(objects, graph, commit)),
    handles: commits.flatMap((commit) => {
      const drafts = readTrailers(readCommit(objects, commit).message);
      return drafts.map((draft) => ({ ...draft, commit, generation: graph.generation(commit) }));
    }),
    commits: commits.map((oid) => ({ oid, generation: graph.generation(oid) })),
  };
}

/** What an artifact is known by: its kind and id, or its file's name where that carries no id. */
function artifactIdentity(path: string): Pick<ArtifactRow, 'kind' | 'id'> | undefined {
  const artifact = parseArtifactPath(path);
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/, '');
  return artifact && { kind: artifact.kind, id: artifact.id || stem };
}

function artifactChanges(objects: ObjectReader, graph: CommitGraph, commit: Oid): ArtifactChange[] {
  const { author } = readCommit(objects, commit);
  const changes = new Map<string, ArtifactChange>();
  for (const path of changedPaths(objects, commit)) {
    const identity = artifactIdentity(path);
    if (!identity) continue;
    const { kind, id } = identity;
    const generation = graph.generation(commit);
    changes.set(`${kind} ${id}`, { kind, id, commit, generation, modified: author.time, author: author.actor });
  }
  return [...changes.values()];
}

function readRow(objects: ObjectReader, path: string, oid: Oid): ArtifactRow | undefined {
  const identity = artifactIdentity(path);
  if (!identity) return undefined;
  const { title, state } = documentFacts(path, readBlob(objects, oid));
  return { path, oid, ...identity, title, state };
}
