import { diffTrees } from '../../core/diff/diff-trees.js';
import type { Oid } from '../../core/object/oid.js';
import { readCommit } from '../../core/object/read.js';
import type { ObjectReader } from '../../core/ports.js';

/**
 * Names the paths in which a commit differs from every one of its parents: what the commit itself changed.
 *
 * @see git-log(1), "History Simplification": the paths that are TREESAME to no parent
 */
export function changedPaths(objects: ObjectReader, commit: Oid): string[] {
  const { tree, parents } = readCommit(objects, commit);
  const [first, ...others] = parents.length === 0 ? [null] : parents;
  const treeOfParent = (parent: Oid | null | undefined) => (parent ? readCommit(objects, parent).tree : null);
  const pathsAgainst = (parent: Oid | null | undefined) =>
    diffTrees(objects, treeOfParent(parent), tree).map((change) => change.path);
  return others.reduce((paths, parent) => {
    const changed = new Set(pathsAgainst(parent));
    return paths.filter((path) => changed.has(path));
  }, pathsAgainst(first));
}
