import { sameVersion } from '../diff/join-trees.js';
import type { FileVersion } from '../ports.js';
import type { PathVersions } from './collect-paths.js';
import type { Sides } from './combine.js';

/** A path that a merge has to decide on, and the versions that belong there once renames are followed. */
export interface MergePath {
  readonly path: string;
  /** Null for none, or for a folder. */
  readonly versions: Sides<FileVersion | null>;
  /** The paths that the versions had on their sides. */
  readonly from: Sides<string>;
  /** Whether the versions came together by a rename. */
  readonly renamed: boolean;
  /** Whether both sides added the same: git then keeps ours, whatever renames have brought there since. */
  readonly agreed: boolean;
  /** Whether the name itself is in conflict, so that the path stays unmerged whatever its contents come to. */
  readonly disputed: boolean;
}

/** What may change about a path; of versions and origins only those given. */
export interface PathChange {
  readonly versions?: Partial<MergePath['versions']>;
  readonly from?: Partial<MergePath['from']>;
  readonly renamed?: true;
  readonly disputed?: true;
}

/** The paths of a merge while renames are followed. */
export class MergePaths {
  readonly #collected: ReadonlyMap<string, PathVersions>;
  readonly #paths = new Map<string, MergePath>();

  constructor(collected: ReadonlyMap<string, PathVersions>) {
    this.#collected = collected;
    for (const { path, ...versions } of collected.values()) {
      const { base, ours, theirs } = versions;
      const agreed = !base && ours !== null && sameVersion(ours, theirs);
      this.#paths.set(path, { ...emptyPath(path), versions, agreed });
    }
  }

  /** A path that was not collected holds nothing. */
  get(path: string): MergePath {
    return this.#paths.get(path) ?? emptyPath(path);
  }

  /** What a path that was collected held before anything was moved. */
  before(path: string): MergePath['versions'] {
    return this.#collected.get(path)!;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  change(path: string, change: PathChange): void {
    const before = this.get(path);
    const versions = { ...before.versions, ...change.versions };
    const from = { ...before.from, ...change.from };
    this.#paths.set(path, { ...before, ...change, versions, from });
  }

  /** In no particular order. */
  values(): Iterable<MergePath> {
    return this.#paths.values();
  }
}

function emptyPath(path: string): MergePath {
  return {
    path,
    versions: { base: null, ours: null, theirs: null },
    from: { base: path, ours: path, theirs: path },
    renamed: false,
    agreed: false,
    disputed: false,
  };
}
