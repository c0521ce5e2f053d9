import { SyncError } from '../../core/errors.js';
import { type CommitGraph, commitGraph } from '../../core/graph/commit-graph.js';
import { contains } from '../../core/graph/merge-base.js';
import type { Oid } from '../../core/object/oid.js';
import { references } from '../../core/object/read.js';
import { checkReceived } from '../../core/object/verify.js';
import type {
  CommitFacts,
  IdentifiedObject,
  ObjectReader,
  ObjectStore,
  ObjectType,
  PushEdit,
  PushRequest,
  RefEdit,
  RejectedPush,
  Store,
} from '../../core/ports.js';
import { isProtectedRef } from '../../core/ref/protected-ref.js';
import { parseRefName } from '../../core/ref/ref-name.js';

/** A push that may be carried out, with what the origin then knows of its commits. */
export interface AllowedPush {
  readonly status: 'allowed';
  readonly commits: readonly CommitFacts[];
}

/**
 * Decides whether a push may be carried out: its refs are as expected, nothing that it needs is missing, and each new
 * target contains the old, unless it is forced. Only reads; the ids of the objects are still to be verified.
 *
 * @param patterns of the refs that are protected
 * @throws {SyncError} `REF_NAME_INVALID`, `ORIGIN_REFUSED` for a ref that is to be deleted without force, `REF_PROTECTED`,
 *   `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
 */
export function planPush(
  origin: Pick<Store, 'objects' | 'refs' | 'index'>,
  request: PushRequest,
  patterns: readonly string[],
): AllowedPush | RejectedPush {
  const edits = request.edits;
  for (const edit of edits) refuseUnsafe(edit);
  for (const { name, expected } of edits) {
    const current = origin.refs.get(name) ?? null;
    if (current !== expected) return { status: 'rejected', ref: name, reason: 'stale', current };
  }
  const pushed = new Map(request.objects.map((object) => [object.oid, object]));
  refuseOpenEnds(origin.objects, pushed, edits);

  const graph = commitGraph(withPushed(origin.objects, pushed), (oid) => origin.index.generation(oid));
  const lossy = edits.filter(({ expected, target }) => loses(graph, expected, target));
  for (const { name, force } of lossy) {
    if (force && isProtectedRef(patterns, name)) {
      throw new SyncError('REF_PROTECTED', `${name} is protected: it loses no commit, and is not deleted`);
    }
  }
  const unforced = lossy.find(({ force }) => !force);
  if (unforced)
    return { status: 'rejected', ref: unforced.name, reason: 'non-fast-forward', current: unforced.expected };
  const commits = request.objects.filter((object) => object.type === 'commit');
  return { status: 'allowed', commits: commits.map(({ oid }) => ({ oid, generation: graph.generation(oid) })) };
}

/** Others see the branches of an origin only; its `HEAD` and what it tracks itself are its own. */
function refuseUnsafe({ name, expected, target, force }: PushEdit): void {
  if (!parseRefName(name).startsWith('refs/heads/')) {
    throw new SyncError('REF_NAME_INVALID', `'${name}' is not a branch; only refs below refs/heads/ can be pushed`);
  }
  if (target === null && expected === null) {
    throw new SyncError('REQUEST_INVALID', `${name} is to be made from nothing and to be nothing`);
  }
  if (target === null && !force) throw new SyncError('ORIGIN_REFUSED', `${name} is not deleted unless that is forced`);
}

function loses(graph: CommitGraph, expected: Oid | null, target: Oid | null): boolean {
  return expected !== null && (target === null || !contains(graph, target, expected));
}

/** What the origin has is complete, so only what the pushed objects name themselves has to be looked at. */
function refuseOpenEnds(
  objects: ObjectStore,
  pushed: ReadonlyMap<Oid, IdentifiedObject>,
  edits: readonly RefEdit[],
): void {
  for (const object of pushed.values()) checkReceived(object);
  const needed = [
    ...edits.flatMap(({ name, target }) =>
      target === null ? [] : [{ from: name, oid: target, type: 'commit' as ObjectType }],
    ),
    ...[...pushed.values()].flatMap((object) => references(object).map((to) => ({ from: object.oid, ...to }))),
  ];
  for (const { from, oid, type } of needed) {
    if ((pushed.get(oid)?.type ?? objects.typeOf(oid)) === type) continue;
    throw new SyncError(
      'OBJECT_NOT_FOUND',
      `${from} needs the ${type} ${oid}, which is neither pushed nor at the origin`,
    );
  }
}

function withPushed(objects: ObjectReader, pushed: ReadonlyMap<Oid, IdentifiedObject>): ObjectReader {
  return {
    has: (oid) => pushed.has(oid) || objects.has(oid),
    read: (oid) => pushed.get(oid) ?? objects.read(oid),
  };
}
