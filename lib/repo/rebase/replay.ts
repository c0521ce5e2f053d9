import type { MergeMessage } from '../../core/merge/merge-message.js';
import { mergeTrees } from '../../core/merge/merge-trees.js';
import { type Commit, encodeCommit, type Signature } from '../../core/object/commit.js';
import { applyTreeEdits } from '../../core/object/edit-tree.js';
import type { Oid } from '../../core/object/oid.js';
import { EMPTY_TREE, readCommit } from '../../core/object/read.js';
import type { Conflict, GitObject, ObjectReader, ReplayedCommit } from '../../core/ports.js';
import type { MergeSettings } from '../merge/merge-settings.js';

/** Objects that each step adds to, and the next reads. */
export interface GrowingObjects extends ObjectReader {
  write(object: GitObject): Oid;
}

/** How far replaying came. */
export interface Replayed {
  /** The last commit made. */
  readonly head: Oid;
  readonly done: readonly ReplayedCommit[];
  /** The paths where lines were merged, cleanly or not. */
  readonly merged: readonly string[];
  /** Undefined when all was replayed. */
  readonly stopped: StoppedReplay | undefined;
}

/** A commit that conflicts. */
export interface StoppedReplay {
  readonly commit: Oid;
  /** The merged tree, conflicted files with their markers. */
  readonly tree: Oid;
  readonly conflicts: readonly Conflict[];
  readonly messages: readonly MergeMessage[];
  /** The commits after it. */
  readonly todo: readonly Oid[];
}

/** How to replay. */
export interface ReplayOptions {
  readonly settings: MergeSettings;
  readonly committer: Signature;
  /** How a commit's id is shown in labels. */
  readonly abbreviate: (oid: Oid) => string;
}

/**
 * Makes commits again on top of another, one after the other, until one conflicts: each is a merge with its parent for a base.
 *
 * Author, time and message stay. A commit that comes to nothing is dropped, unless it was empty before.
 *
 * @throws {SyncError} `OBJECT_NOT_FOUND`
 * @see git-rebase(1)
 */
export function replay(objects: GrowingObjects, onto: Oid, commits: readonly Oid[], options: ReplayOptions): Replayed {
  const done: ReplayedCommit[] = [];
  const merged: string[] = [];
  let head = onto;
  for (const [i, from] of commits.entries()) {
    const commit = readCommit(objects, from);
    if (commit.parents.length === 1 && commit.parents[0] === head) {
      head = from;
      done.push({ from, to: from });
      continue;
    }
    const step = mergeStep(objects, head, from, commit, options);
    merged.push(...step.merged);
    if (!step.clean) {
      const { tree, conflicts, messages } = step;
      return { head, done, merged, stopped: { commit: from, tree, conflicts, messages, todo: commits.slice(i + 1) } };
    }
    const to = remakeCommit(objects, head, from, step.tree, options.committer);
    head = to ?? head;
    done.push({ from, to });
  }
  return { head, done, merged, stopped: undefined };
}

/**
 * Makes a commit again with another tree and parent; author, time and message stay.
 *
 * @returns null when that would change nothing, and the commit was not empty before
 */
export function remakeCommit(
  objects: GrowingObjects,
  parent: Oid,
  from: Oid,
  tree: Oid,
  committer: Signature,
): Oid | null {
  const commit = readCommit(objects, from);
  const wasEmpty = commit.tree === (parentTree(objects, commit) ?? EMPTY_TREE);
  if (tree === readCommit(objects, parent).tree && !wasEmpty) return null;
  const { author, message } = commit;
  return objects.write({ type: 'commit', body: encodeCommit({ tree, parents: [parent], author, committer, message }) });
}

function mergeStep(
  objects: GrowingObjects,
  head: Oid,
  from: Oid,
  commit: Commit,
  { settings, abbreviate }: ReplayOptions,
) {
  const name = `${abbreviate(from)} (${subjectOf(commit)})`;
  const labels = { ours: 'HEAD', base: `parent of ${name}`, theirs: name };
  const ours = readCommit(objects, head).tree;
  const base = parentTree(objects, commit);
  const { edits, blobs, ...merge } = mergeTrees(objects, base, ours, commit.tree, { ...settings, labels });
  const edited = applyTreeEdits(objects, ours, edits);
  for (const object of [...blobs, ...edited.objects]) objects.write(object);
  return { ...merge, tree: edited.tree };
}

function parentTree(objects: ObjectReader, { parents: [parent] }: Commit): Oid | null {
  return parent === undefined ? null : readCommit(objects, parent).tree;
}

/** What git calls a commit: the first paragraph of its message, on one line. */
function subjectOf({ message }: Commit): string {
  return message.split('\n\n', 1)[0]!.trim().replaceAll('\n', ' ');
}
