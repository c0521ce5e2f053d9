import { EMPTY_BLOB } from '../object/read.js';
import type { FileVersion } from '../ports.js';
import { rankCandidates } from './rename-candidates.js';
import { fileName, guessDirectories, type MergedDirectories, parent } from './rename-directory.js';
import { type Fingerprint, fingerprint, MAX_SCORE, similarity } from './similarity.js';
import { SimilarityIndex } from './similarity-index.js';

/** A file that only one side has: deleted, and so a source of renames, or added, and so a target. */
export interface UnpairedFile {
  readonly path: string;
  readonly version: FileVersion;
}

/** A file that got another path. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** How alike the two are, up to 60000; that only for the same bytes, or the same lines in another order. */
  readonly score: number;
}

/** What counts as a rename. */
export interface RenameOptions {
  /** From which score on; 30000, which is 50 %, when left out. With 60000 only the same bytes count. */
  readonly minScore?: number;
  /** If there are more pairs than the square of this, only files with the same bytes or the same name are paired; 0 for no limit. */
  readonly limit: number;
  /** Whether empty files are renamed: `git diff` takes them for the same file, a merge does not. */
  readonly empty: boolean;
  /**
   * Leaves out sources of which it does not matter where they went, though their names still count. Asked when those with
   * the same bytes are paired, before files with the same `name` are compared, and again before `all` are.
   */
  relevant?(
    sources: readonly UnpairedFile[],
    found: readonly Rename[],
    before: 'name' | 'all',
  ): readonly UnpairedFile[];
  /** For a merge: where the directory of a source seems to have gone, its name is looked for even if others have it. */
  readonly directories?: MergedDirectories;
}

/** Among so many files with the same bytes git looks for one with the same name. */
const MAX_IDENTICAL = 100;

/**
 * Pairs deleted files with added ones as git does, each once: first those with the same bytes, then those that are alone
 * with their file name if they are alike enough, then the most similar ones.
 *
 * @param sources,targets of equally good ones the first are paired; git's diff goes by path
 * @param read the bytes of a version; asked for at most once per file, and only for regular files
 * @returns the pairs in the order in which they were found
 * @see git-diff(1) `--find-renames`
 */
export function findRenames(
  sources: readonly UnpairedFile[],
  targets: readonly UnpairedFile[],
  read: (version: FileVersion) => Uint8Array,
  options: RenameOptions,
): Rename[] {
  const search = new RenameSearch(sources, targets, options);
  search.pairIdentical();
  const minScore = options.minScore ?? MAX_SCORE / 2;
  if (minScore === MAX_SCORE) return search.found;
  const fingerprintOf = fingerprints(read);
  search.pairByName(fingerprintOf, minScore + Math.floor((MAX_SCORE - minScore) / 2));
  search.pairMostSimilar(fingerprintOf, minScore);
  return search.found;
}

type FingerprintOf = (file: UnpairedFile) => Fingerprint;

class RenameSearch {
  readonly found: Rename[] = [];
  /** What has no pair yet. */
  readonly #sources: Set<UnpairedFile>;
  readonly #targets: Set<UnpairedFile>;
  readonly #options: RenameOptions;

  constructor(sources: readonly UnpairedFile[], targets: readonly UnpairedFile[], options: RenameOptions) {
    const considered = (file: UnpairedFile) => options.empty || file.version.oid !== EMPTY_BLOB;
    this.#sources = new Set(sources.filter(considered));
    this.#targets = new Set(targets.filter(considered));
    this.#options = options;
  }

  pairIdentical(): void {
    const sources = groupBy(this.#sources, contentsKey);
    for (const target of this.#targets) {
      const identical = sources.get(contentsKey(target)) ?? [];
      const named = identical.findIndex(({ path }) => fileName(path) === fileName(target.path));
      const [source] = identical.splice(named >= 0 && named < MAX_IDENTICAL ? named : 0, 1);
      if (source) this.#pair(source, target, MAX_SCORE);
    }
  }

  pairByName(fingerprintOf: FingerprintOf, minScore: number): void {
    const { directories } = this.#options;
    const guessed = directories && guessDirectories(this.found, directories);
    const sources = groupBy(this.#sources, ({ path }) => fileName(path));
    const targets = groupBy(this.#targets, ({ path }) => fileName(path));
    for (const source of this.#relevantSources('name')) {
      const name = fileName(source.path);
      const named = targets.get(name) ?? [];
      const unique = named.length === 1 && sources.get(name)!.length === 1;
      const directory = guessed?.get(parent(source.path));
      const target = named.find(({ path }) => unique || (directory && path === `${directory}/${name}`));
      if (!target || !this.#targets.has(target)) continue;
      const score = similarity(fingerprintOf(source), fingerprintOf(target));
      if (score >= minScore) this.#pair(source, target, score);
    }
  }

  pairMostSimilar(fingerprintOf: FingerprintOf, minScore: number): void {
    const [sources, targets] = [this.#relevantSources('all'), [...this.#targets]];
    const { limit } = this.#options;
    if (limit > 0 && sources.length * targets.length > limit ** 2) return;
    const index = new SimilarityIndex(sources.map(fingerprintOf));
    const scores = (target: UnpairedFile) => index.scores(fingerprintOf(target), minScore);
    for (const { source, target, score } of rankCandidates(sources, targets, scores)) {
      if (score < minScore) return;
      if (this.#sources.has(source) && this.#targets.has(target)) this.#pair(source, target, score);
    }
  }

  #relevantSources(before: 'name' | 'all'): readonly UnpairedFile[] {
    const { relevant } = this.#options;
    const sources = [...this.#sources];
    return relevant ? relevant(sources, this.found, before) : sources;
  }

  #pair(source: UnpairedFile, target: UnpairedFile, score: number): void {
    this.#sources.delete(source);
    this.#targets.delete(target);
    this.found.push({ from: source.path, to: target.path, score });
  }
}

/** Reads each file once. A link or submodule is like no other file. */
function fingerprints(read: (version: FileVersion) => Uint8Array): FingerprintOf {
  const known = new Map<UnpairedFile, Fingerprint>();
  return (file) => {
    const found = known.get(file) ?? fingerprint(isRegular(file) ? read(file.version) : new Uint8Array(0));
    known.set(file, found);
    return found;
  };
}

/** Equal for files that are the same but for their path; a file may become executable on its way, but not a link. */
function contentsKey(file: UnpairedFile): string {
  return `${isRegular(file) ? 'file' : file.version.mode} ${file.version.oid}`;
}

function isRegular({ version }: UnpairedFile): boolean {
  return version.mode.startsWith('100');
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
