import { replaceHandles } from '../../artifact/draft-handle.js';
import { isArtifactPath, parseArtifactPath } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import { revWalk } from '../../core/graph/rev-walk.js';
import type { Commit } from '../../core/object/commit.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import { actorName } from '../actor.js';
import { findArtifact } from '../artifacts/list.js';
import { isNamed, pathBelowCache } from '../artifacts/pick-artifact.js';
import type { Repository } from '../repository.js';
import { changedPaths } from './changed-paths.js';
import { graphOf, headCommit } from './head.js';
import { resolveRevision } from './revision.js';

/** A commit as the log shows it. */
export interface LogEntry {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  /** The author's name, or the actor id when nobody by it is known. */
  readonly author: string;
  readonly actor: string;
  /** Author time, in seconds since the epoch, and minutes east of UTC. */
  readonly time: number;
  readonly offset: number;
  readonly message: string;
  /** What the commit itself changed: nothing for a merge that only joined. Undefined in a log `without` paths. */
  readonly paths: readonly string[] | undefined;
}

/** What to log. */
export interface LogOptions {
  /** Only commits that changed this artifact, under whatever file name it had. */
  readonly artifact?: string;
  /** Where to start; `HEAD` when left out. */
  readonly revision?: string;
  readonly limit?: number;
  /** To be quick: finding out what a commit changed takes longer than all else about it. */
  readonly without?: 'paths';
}

/**
 * Lists history, newest first, by the order of the commit graph.
 *
 * @throws {SyncError} `REVISION_UNKNOWN`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`
 */
export function log(
  repo: Repository,
  { artifact, revision, limit = Number.POSITIVE_INFINITY, without }: LogOptions = {},
): LogEntry[] {
  const { store } = repo;
  const tip = revision === undefined ? headCommit(store) : resolveRevision(store, revision);
  if (tip === null) return [];
  const wanted = artifact === undefined ? undefined : isArtifactAt(repo, artifact);
  const entries: LogEntry[] = [];
  for (const oid of revWalk(graphOf(store), [tip])) {
    if (entries.length >= limit) break;
    const paths = wanted || !without ? changedPaths(store.objects, oid) : undefined;
    if (wanted && !paths?.some(wanted)) continue;
    entries.push(describe(repo, oid, readCommit(store.objects, oid), paths));
  }
  if (artifact !== undefined && entries.length === 0 && limit > 0) findArtifact(repo, artifact);
  return entries;
}

/** One commit as the log shows it. */
export function logEntry(repo: Repository, oid: Oid): LogEntry {
  return describe(repo, oid, readCommit(repo.store.objects, oid), changedPaths(repo.store.objects, oid));
}

/** An artifact is its kind and id, also the one it had as a draft; only a file without an id is its path. What `HEAD` does not have is found by its names. */
function isArtifactAt(repo: Repository, asked: string): (path: string) => boolean {
  const given = pathBelowCache(asked);
  const path = isArtifactPath(given) ? given : nowAt(repo, asked);
  if (path === undefined) {
    const numbered = replaceHandles(asked, (handle) => repo.store.index.idOf(handle));
    return (candidate) => isNamed(candidate, asked) || isNamed(candidate, numbered);
  }
  const wanted = parseArtifactPath(path);
  if (!wanted?.id) return (candidate) => candidate === path;
  const ids = new Set([wanted.id, ...repo.store.index.handlesOf(wanted.kind, wanted.id)]);
  return (candidate) => {
    const found = parseArtifactPath(candidate);
    return found?.kind === wanted.kind && ids.has(found.id);
  };
}

function nowAt(repo: Repository, asked: string): string | undefined {
  try {
    return findArtifact(repo, asked).path;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'ARTIFACT_UNKNOWN') return undefined;
    throw error;
  }
}

function describe(repo: Repository, oid: Oid, commit: Commit, paths: LogEntry['paths']): LogEntry {
  const { author, parents, message } = commit;
  return {
    oid,
    parents,
    author: actorName(repo, author.actor),
    actor: author.actor,
    time: author.time,
    offset: author.offset,
    message,
    paths,
  };
}
