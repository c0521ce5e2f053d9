import type { CommitGraph } from '../graph/commit-graph.js';
import { mergeBasesByDate } from '../graph/merge-base-order.js';
import { type Commit, encodeCommit } from '../object/commit.js';
import { applyTreeEdits } from '../object/edit-tree.js';
import { hashObject, type Oid } from '../object/oid.js';
import { OverlayObjects } from '../object/overlay-objects.js';
import { readCommit } from '../object/read.js';
import type { ObjectReader } from '../ports.js';
import { type MergeTreesOptions, mergeTrees } from './merge-trees.js';

/** What two commits are merged by. */
export interface MergeBase {
  /** Null for the empty tree of unrelated histories. */
  readonly tree: Oid | null;
  /** What it is called in markers. */
  readonly label: string;
  /** The merge bases, in the order in which they were merged. */
  readonly commits: readonly Oid[];
}

/** How bases are merged. */
export interface VirtualBaseOptions extends Pick<MergeTreesOptions, 'style' | 'renameLimit'> {
  readonly abbreviate?: (oid: Oid) => string;
}

const ABBREVIATED = 7;
const TEMPORARY = { ours: 'Temporary merge branch 1', theirs: 'Temporary merge branch 2' };
/** Git gives such commits no date, which puts them last in its walks. */
const NOBODY = { actor: 'merge-base', time: 0, offset: 0 };

/** A history with commits in it that exist only in memory, made by merging bases. */
export class VirtualHistory implements CommitGraph {
  readonly objects: OverlayObjects;
  readonly #graph: CommitGraph;
  readonly #options: VirtualBaseOptions;
  readonly #virtual = new Map<Oid, readonly Oid[]>();

  constructor(objects: ObjectReader, graph: CommitGraph, options: VirtualBaseOptions) {
    this.objects = new OverlayObjects(objects);
    this.#graph = graph;
    this.#options = options;
  }

  parents(oid: Oid): readonly Oid[] {
    return this.#virtual.get(oid) ?? this.#graph.parents(oid);
  }

  generation(oid: Oid): number {
    const parents = this.#virtual.get(oid);
    return parents ? 1 + Math.max(...parents.map((parent) => this.generation(parent))) : this.#graph.generation(oid);
  }

  treeOf(commit: Oid): Oid {
    return readCommit(this.objects, commit).tree;
  }

  /**
   * What two commits are merged by: their merge base, or what several come to when they are merged, each pair by its own
   * bases, with conflicts kept as contents.
   *
   * @param depth how deep among merges that only make a base the merge is that asks
   * @throws {SyncError} `OBJECT_NOT_FOUND`, `OBJECT_MALFORMED`
   */
  baseOf(ours: Oid, theirs: Oid, depth = 0): MergeBase {
    const commits = mergeBasesByDate(this, (oid) => readCommit(this.objects, oid).committer.time, ours, theirs);
    const [first, ...others] = commits;
    if (first === undefined) return { tree: null, label: 'empty tree', commits };
    const merged = others.reduce((one, other) => this.#merge(one, other, depth + 1), first);
    const { abbreviate = (oid) => oid.slice(0, ABBREVIATED) } = this.#options;
    const label = others.length > 0 ? 'merged common ancestors' : abbreviate(first);
    return { tree: this.treeOf(merged), label, commits };
  }

  #merge(ours: Oid, theirs: Oid, depth: number): Oid {
    const base = this.baseOf(ours, theirs, depth);
    const { style, renameLimit } = this.#options;
    const merged = mergeTrees(this.objects, base.tree, this.treeOf(ours), this.treeOf(theirs), {
      labels: { ...TEMPORARY, base: base.label },
      ...(style && { style }),
      ...(renameLimit !== undefined && { renameLimit }),
      depth,
    });
    const { tree, objects } = applyTreeEdits(this.objects, this.treeOf(ours), merged.edits, 'any');
    const commit: Commit = { tree, parents: [ours, theirs], author: NOBODY, committer: NOBODY, message: '' };
    const body = encodeCommit(commit);
    const oid = hashObject('commit', body);
    this.objects.add([...merged.blobs, ...objects, { type: 'commit', oid, body }]);
    this.#virtual.set(oid, commit.parents);
    return oid;
  }
}
