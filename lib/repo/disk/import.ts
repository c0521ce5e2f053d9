import { findDuplicateIds } from '../../artifact/facts.js';
import { isArtifactPath } from '../../artifact/path.js';
import { diffTrees, type TreeChange } from '../../core/diff/diff-trees.js';
import { SyncError } from '../../core/errors.js';
import type { MergeMessage } from '../../core/merge/merge-message.js';
import { mergeTrees } from '../../core/merge/merge-trees.js';
import type { TreeEdit } from '../../core/object/edit-tree.js';
import { LIMITS } from '../../core/object/limits.js';
import { hashObject, type Oid } from '../../core/object/oid.js';
import type { Actor, ArtifactIndex, Conflict, IdentifiedObject } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { currentActor } from '../actor.js';
import { pathBelowCache } from '../artifacts/pick-artifact.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { documentFacts } from '../history/document-facts.js';
import { headCommit, treeOf } from '../history/head.js';
import { moveHead, writeCommit } from '../history/move-head.js';
import { resolveRevision } from '../history/revision.js';
import { writeObjects, writeTree } from '../history/write-tree.js';
import { countMerge } from '../merge/count-merge.js';
import { readMergeSettings } from '../merge/merge-settings.js';
import { refuseDuringMerge, stopForConflicts } from '../merge/merge-state.js';
import { describeAction, type Gate } from '../privacy/gate.js';
import type { Repository } from '../repository.js';
import { baseTree, planMove } from './base.js';
import { refuseBlocked } from './checkout.js';
import { diskChanges, fileChanges, type PathChange, readDisk } from './disk.js';
import { type Step, takeStep } from './take-step.js';

/** What to import, and against what. */
export interface ImportOptions {
  /** Files or folders below `.agent/cache`; everything when left out. A tracked file that is gone is a deletion. */
  readonly paths?: readonly string[];
  /** One document that is not on disk, and the path it is to have. */
  readonly document?: { readonly path: string; readonly bytes: Uint8Array };
  /** The revision that the files started from, where the file beside them does not say. */
  readonly base?: string;
}

/** Something about an imported file that a person should know; it was imported all the same. */
export interface ImportWarning {
  readonly path: string;
  /** From 1; 0 for the whole file. */
  readonly line: number;
  /** From 1; left out where it is about whole lines. */
  readonly column?: number;
  readonly code: string;
  readonly message: string;
}

/** What an import did. */
export type ImportResult = { readonly warnings: readonly ImportWarning[] } & (
  | { readonly status: 'unchanged' }
  | {
      readonly status: 'imported';
      readonly commit: Oid;
      /** What the commit changed. */
      readonly changes: readonly TreeChange[];
    }
  | {
      readonly status: 'conflicted';
      readonly conflicts: readonly Conflict[];
      /** What git tells about the merge. */
      readonly messages: readonly MergeMessage[];
    }
);

const IMPORT_LABELS = { ours: 'HEAD', base: 'last export', theirs: 'disk' };

interface FoundBlob extends IdentifiedObject {
  readonly path: string;
}

/** The files found to differ from their base. */
interface FoundChanges {
  readonly edits: readonly TreeEdit[];
  readonly objects: readonly FoundBlob[];
  readonly warnings: readonly ImportWarning[];
}

/**
 * Commits the Markdown on disk: a three-way merge of the tree it started from, `HEAD`, and the files.
 *
 * A stale checkout therefore adds its own changes and reverts nobody's. Afterwards the disk shows the result.
 *
 * @throws {SyncError} `FILE_NOT_UTF8`, `FILE_TOO_LARGE`, `FILE_NOT_FOUND`, `BASE_UNKNOWN`, `MERGE_IN_PROGRESS`,
 *   `CONTENT_BLOCKED`; nothing is imported then
 */
export function importArtifacts(repo: Repository, options: ImportOptions = {}): Promise<ImportResult> {
  return asSyncOperation(repo, 'import', () => importNow(repo, options));
}

async function importNow(repo: Repository, options: ImportOptions): Promise<ImportResult> {
  const { store, worktree } = repo;
  refuseDuringMerge(store);
  const base =
    options.base === undefined ? baseTree(store, worktree) : treeOf(store, resolveRevision(store, options.base));
  const found = options.document
    ? changesOfDocument(repo, options.document)
    : repo.telemetry.span('step', 'scan files', {}, () => changesOnDisk(repo, base, options.paths));
  repo.gate.refuseBlocked(found.objects.map(({ path }) => path));
  const { warnings } = found;

  const actor = await currentActor(repo);
  const provenance = await repo.provenance();
  // Nobody's lines win in an import: what is on disk would be gone from there.
  const { favor: _, ...settings } = await readMergeSettings(repo);
  const result = takeStep(repo, 'import', (): Step<ImportResult> => {
    refuseDuringMerge(store);
    writeObjects(store, found.objects);
    const head = headCommit(store) ?? startFromOrigin(repo, actor);
    const headTree = treeOf(store, head);
    const theirs = writeTree(store, base, found.edits, 'any');
    const merge = mergeTrees(store.objects, base, headTree, theirs, { ...settings, labels: IMPORT_LABELS });
    writeObjects(store, merge.blobs);
    const merged = writeTree(store, headTree, merge.edits);

    // A document from elsewhere is not on disk yet: there the disk still shows the base.
    const move = planMove(repo, options.document ? base : theirs, merged);
    const changes = diffTrees(store.objects, headTree, merged);
    const message = formatMessage(changes, provenance?.head);
    const { clean, conflicts, messages } = merge;
    if (!clean) {
      refuseBlocked(move.plan.blocked, "Run 'agent sync import' without paths, so that they take part in the merge.");
      stopForConflicts(repo, { kind: 'import', ours: head, theirs: null, tree: merged, message, conflicts }, move);
      return { result: { status: 'conflicted', conflicts, messages, warnings }, move };
    }
    if (base !== headTree) countMerge(repo);
    if (changes.length === 0) return { result: { status: 'unchanged', warnings }, move, commit: head };
    const parents = head ? [head] : [];
    const commit = writeCommit(repo, { tree: merged, parents, message, written: found.objects, actor });
    return { result: { status: 'imported', commit, changes, warnings }, move, commit };
  });
  if (result.status !== 'imported') return result;
  return { ...result, warnings: [...warnings, ...duplicateIds(store.index, result.changes)] };
}

/** What single files cannot tell: that an added one bears the id of another. */
function duplicateIds(index: ArtifactIndex, changes: readonly TreeChange[]): ImportWarning[] {
  const added = new Set(changes.flatMap(({ path, before }) => (before ? [] : path)));
  if (added.size === 0) return [];
  return findDuplicateIds(index.list()).flatMap((group) =>
    group
      .filter(({ path }) => added.has(path))
      .map(({ path, kind, id }) => {
        const others = group.filter((other) => other.path !== path).map((other) => other.path);
        return { path, line: 0, code: 'ID_DUPLICATE', message: `${kind} ${id} is also ${others.join(', ')}` };
      }),
  );
}

/** A fresh clone that has already seen the origin continues its history instead of starting another. */
function startFromOrigin(repo: Repository, actor: Actor): Oid | null {
  const origin = repo.store.refs.get(ORIGIN_MAIN) ?? null;
  if (origin !== null) moveHead(repo, null, origin, actor, 'import: started from origin/main');
  return origin;
}

function changesOnDisk(repo: Repository, base: Oid | null, paths: readonly string[] | undefined): FoundChanges {
  const { store, worktree } = repo;
  const read = new Map<string, Uint8Array>();
  const onRead = (path: string, bytes: Uint8Array) => read.set(path, bytes);
  const ofFiles = paths && fileChanges(store.objects, worktree, paths, base, onRead);
  if (ofFiles) return editsOf(ofFiles, read, repo);

  const disk = readDisk(store, worktree, onRead);
  const changes = diskChanges(store.objects, disk, base);
  if (paths) refuseUnknown(paths, [...disk.files.keys(), ...changes.map(({ path }) => path)]);
  const wanted = changes.filter(({ path }) => !paths || paths.some((asked) => isBelow(path, asked)));
  const skipped = disk.skipped.map(({ path, reason }) => ({ path, line: 0, code: 'skipped', message: reason }));
  const { edits, objects, warnings } = editsOf(wanted, read, repo);
  return { edits, objects, warnings: [...skipped, ...warnings] };
}

function editsOf(
  changes: readonly PathChange[],
  read: ReadonlyMap<string, Uint8Array>,
  { store: { objects }, worktree, gate }: Repository,
): FoundChanges {
  const edits: TreeEdit[] = [];
  const blobs: FoundBlob[] = [];
  const warnings: ImportWarning[] = [];
  for (const { path, after } of changes) {
    if (after === null) {
      edits.push({ path, version: null });
      continue;
    }
    const seen = read.get(path);
    const body = seen ?? worktree.read(path);
    // A file that was not read till now may have changed since its stat was compared.
    const oid = seen ? after : objects.hash('blob', body);
    edits.push({ path, version: { mode: '100644', oid } });
    blobs.push({ type: 'blob', oid, body, path });
    warnings.push(...checkText(path, body), ...findingsIn(gate, path, true));
  }
  return { edits, objects: blobs, warnings };
}

function changesOfDocument(
  { gate }: Repository,
  { path: asked, bytes: given }: { readonly path: string; readonly bytes: Uint8Array },
): FoundChanges {
  const path = pathBelowCache(asked);
  if (!isArtifactPath(path)) {
    throw new SyncError('PATH_OUTSIDE_CACHE', `'${path}' is no place for an artifact`, {
      hint: "Artifacts live in 'plans/', 'stories/' and 'runbooks/' below .agent/cache, and end in '.md'.",
    });
  }
  if (given.length > LIMITS.objectBytes) {
    throw new SyncError(
      'FILE_TOO_LARGE',
      `the document for '${path}' has ${given.length} bytes; the limit is ${LIMITS.objectBytes}`,
    );
  }
  const bytes = gate.clean(path, given);
  const oid = hashObject('blob', bytes);
  return {
    edits: [{ path, version: { mode: '100644', oid } }],
    objects: [{ type: 'blob', oid, body: bytes, path }],
    warnings: [...checkText(path, bytes), ...findingsIn(gate, path, false)],
  };
}

function checkText(path: string, bytes: Uint8Array): ImportWarning[] {
  const { isUtf8, warnings } = documentFacts(path, bytes);
  if (!isUtf8) {
    throw new SyncError('FILE_NOT_UTF8', `'${path}' is not UTF-8 text; nothing was imported`, {
      hint: 'Save it as UTF-8, or move it out of .agent/cache.',
    });
  }
  return warnings.map((warning) => ({ path, ...warning }));
}

/** What was redacted, or might have been, as warnings. */
function findingsIn(gate: Gate, path: string, isOnDisk: boolean): ImportWarning[] {
  return gate.findingsIn(path).map(({ line, column, detector, action, reason }) => ({
    path,
    line,
    column,
    code: `privacy-${detector}`,
    message: `${reason}, ${describeAction(action, detector, isOnDisk)}`,
  }));
}

function refuseUnknown(asked: readonly string[], known: readonly string[]): void {
  const missing = asked.filter((path) => !known.some((file) => isBelow(file, path)));
  if (missing.length === 0) return;
  throw new SyncError(
    'FILE_NOT_FOUND',
    `no artifact file at ${missing.map((path) => `'${path}'`).join(', ')}; nothing was imported`,
    {
      hint: "Paths are files ending in '.md', or folders, below 'plans/', 'stories/' and 'runbooks/' in .agent/cache.",
    },
  );
}

function isBelow(path: string, place: string): boolean {
  return place === '' || path === place || path.startsWith(`${place}/`);
}

function formatMessage(changes: readonly TreeChange[], gitHead: string | undefined): string {
  const only = changes.length === 1 ? changes[0]!.path : undefined;
  const subject = only ? `Import ${only}` : `Import ${changes.length} artifacts`;
  return gitHead ? `${subject}\n\nGit-Head: ${gitHead}` : subject;
}
