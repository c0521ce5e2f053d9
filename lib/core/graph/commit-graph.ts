import type { Oid } from '../object/oid.js';
import { readCommit } from '../object/read.js';
import type { ObjectReader } from '../ports.js';

/**
 * The shape of history, as walks need it.
 *
 * Walks go by generation (the longest path down to a root commit), never by date: a clock that is wrong must not change
 * an answer, and a parent always has a smaller generation than its children.
 */
export interface CommitGraph {
  /** @throws {SyncError} `OBJECT_NOT_FOUND` when the commit is missing */
  parents(oid: Oid): readonly Oid[];
  /** 1 for a root commit. @throws {SyncError} `OBJECT_NOT_FOUND` when an ancestor is missing */
  generation(oid: Oid): number;
}

/**
 * Reads the graph from commits, each at most once.
 *
 * @param known generations remembered from earlier; what is not known is computed from the parents
 */
export function commitGraph(
  objects: ObjectReader,
  known: (oid: Oid) => number | undefined = () => undefined,
): CommitGraph {
  const parentsRead = new Map<Oid, readonly Oid[]>();
  const generations = new Map<Oid, number>();

  const parents = (oid: Oid): readonly Oid[] => {
    const read = parentsRead.get(oid) ?? readCommit(objects, oid).parents;
    parentsRead.set(oid, read);
    return read;
  };
  const recall = (oid: Oid): number | undefined => generations.get(oid) ?? known(oid);

  const generation = (oid: Oid): number => {
    const open = [oid];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (recall(top) === undefined) {
        const unknown = parents(top).filter((parent) => recall(parent) === undefined);
        if (unknown.length > 0) {
          open.push(...unknown);
          continue;
        }
        generations.set(top, 1 + Math.max(0, ...parents(top).map((parent) => recall(parent)!)));
      }
      open.pop();
    }
    return recall(oid)!;
  };

  return { parents, generation };
}
