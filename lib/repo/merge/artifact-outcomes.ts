import { isArtifactPath } from '../../artifact/path.js';
import { diffTrees } from '../../core/diff/diff-trees.js';
import { findPath } from '../../core/object/find-path.js';
import type { Oid } from '../../core/object/oid.js';
import { readBlob } from '../../core/object/read.js';
import { compareUtf8 } from '../../core/object/text.js';
import { isTree } from '../../core/object/tree.js';
import type { Conflict, ConflictKind, FileVersion, ObjectReader } from '../../core/ports.js';
import type { CheckoutPlan } from '../disk/checkout.js';
import { documentFacts } from '../history/document-facts.js';

/** What becomes of one artifact that either side changed. */
export interface ArtifactOutcome {
  readonly path: string;
  /** `fast`: only one side changed it. `merged`: both did, and it has both changes. */
  readonly outcome: 'fast' | 'merged' | 'conflicted';
  readonly side: 'ours' | 'theirs' | 'both';
  /** What `HEAD` has there; null for nothing. */
  readonly before: FileVersion | null;
  /** What the result has there, with markers where it is conflicted. */
  readonly after: FileVersion | null;
  /** The artifact's state before and after; null where there is none that can be read. */
  readonly state: { readonly before: string | null; readonly after: string | null };
  /** Why it is conflicted, in git's words, and in how many places of its text; null where it is not. */
  readonly conflict: { readonly kind: ConflictKind; readonly message: string; readonly hunks: number } | null;
  /** What happens to the file on disk; `blocked`: it has unimported work, and the merge would be refused. */
  readonly disk: 'untouched' | 'written' | 'removed' | 'blocked';
}

/** Trees that were merged, or whose commits were replayed, and what came of it. */
export interface MergedTreeIds {
  /** Null stands for the empty tree. */
  readonly bases: readonly (Oid | null)[];
  readonly ours: Oid | null;
  readonly theirs: Oid;
  /** The result, conflicted files with their markers. */
  readonly tree: Oid;
  /** The paths where lines were merged, cleanly or not. */
  readonly merged: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/**
 * Tells what becomes of each artifact that either side changed, in byte order of path.
 *
 * @param disk what happens to the files
 */
export function artifactOutcomes(objects: ObjectReader, trees: MergedTreeIds, disk: CheckoutPlan): ArtifactOutcome[] {
  const { tree, merged } = trees;
  const conflicts = new Map(trees.conflicts.map((conflict) => [conflict.path, conflict]));
  const ours = changedSince(objects, trees.bases, trees.ours);
  const theirs = changedSince(objects, trees.bases, trees.theirs);
  const changed = new Map(diffTrees(objects, trees.ours, tree).map((change) => [change.path, change]));
  const linesMerged = new Set(merged);
  const onDisk = diskChangesOf(disk);
  const paths = new Set([...ours.keys(), ...theirs.keys(), ...changed.keys(), ...conflicts.keys()]);
  return [...paths].sort(compareUtf8).flatMap((path) => {
    const change = changed.get(path);
    const before = change ? change.before : (ours.get(path) ?? versionAt(objects, trees.ours, path));
    const after = change ? change.after : before;
    const conflict = conflicts.get(path);
    // The old name of what was renamed, or what both sides removed.
    if (!before && !after && !conflict) return [];
    // What changes although theirs left it alone was renamed here, and changed there under its old name.
    const both = linesMerged.has(path) || (ours.has(path) && (theirs.has(path) || change !== undefined));
    return {
      path,
      outcome: conflict ? 'conflicted' : both ? 'merged' : 'fast',
      side: both || conflict ? 'both' : ours.has(path) ? 'ours' : 'theirs',
      before,
      after,
      state: { before: stateOf(objects, path, before), after: stateOf(objects, path, after) },
      conflict: conflict ? { kind: conflict.kind, message: conflict.message, hunks: conflict.hunks.length } : null,
      disk: onDisk.get(path) ?? 'untouched',
    } as const;
  });
}

/** The paths in which a tree differs from every one of the bases, and what it has there. */
function changedSince(
  objects: ObjectReader,
  bases: readonly (Oid | null)[],
  tree: Oid | null,
): Map<string, FileVersion | null> {
  const [first = [], ...others] = bases.map((base) => diffTrees(objects, base, tree));
  const changedFromOthers = others.map((changes) => new Set(changes.map(({ path }) => path)));
  const changed = first.filter(({ path }) => changedFromOthers.every((paths) => paths.has(path)));
  return new Map(changed.map(({ path, after }) => [path, after]));
}

function versionAt(objects: ObjectReader, tree: Oid | null, path: string): FileVersion | null {
  const found = tree && findPath(objects, tree, path);
  return found && !isTree(found) ? { mode: found.mode, oid: found.oid } : null;
}

function stateOf(objects: ObjectReader, path: string, version: FileVersion | null): string | null {
  return version && isArtifactPath(path) ? documentFacts(path, readBlob(objects, version.oid)).state : null;
}

function diskChangesOf({ write, remove, blocked }: CheckoutPlan): Map<string, ArtifactOutcome['disk']> {
  return new Map([
    ...write.map(({ path }) => [path, 'written'] as const),
    ...remove.map(({ path }) => [path, 'removed'] as const),
    ...blocked.map((path) => [path, 'blocked'] as const),
  ]);
}
