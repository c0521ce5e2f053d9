import {
  formatTrailer,
  isHandle,
  type NumberedDraft,
  numberRequestId,
  replaceHandles,
} from '../../artifact/draft-handle.js';
import { KINDS } from '../../artifact/path.js';
import { SyncError } from '../../core/errors.js';
import { mergeBases } from '../../core/graph/merge-base.js';
import { findFile } from '../../core/object/find-path.js';
import { decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { Actor, ArtifactEntry, ArtifactKind, CallOptions, IdRequest, QueueFailure } from '../../core/ports.js';
import { ORIGIN_MAIN } from '../../core/ref/ref-names.js';
import { currentActor } from '../actor.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { baseTree, followHead, planMove, type WorktreeMove } from '../disk/base.js';
import type { PlannedRemoval, PlannedWrite } from '../disk/checkout.js';
import { type Step, takeStep } from '../disk/take-step.js';
import { graphOf, headCommit, treeOf } from '../history/head.js';
import { writeCommit } from '../history/move-head.js';
import { writeTree } from '../history/write-tree.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import { askedFor, isAskedFor } from '../queue/asked-for.js';
import type { Repository } from '../repository.js';
import { fetch } from '../sync/fetch.js';
import { highestNumber, idsInUse, taken } from './artifact-ids.js';
import { type RewrittenFile, rewriteHandles } from './rewrite-handles.js';

/** What became of the drafts of `HEAD`. */
export interface DraftReport {
  readonly numbered: readonly NumberedDraft[];
  /** Drafts that cannot have a number as they are. They stay drafts, and keep nothing else from being shared. */
  readonly refused: readonly (QueueFailure & { readonly handle: string })[];
}

/** The drafts of `HEAD`: artifacts whose id is a handle, because no number was issued to them yet. */
export function listDrafts({ store }: Pick<Repository, 'store'>): ArtifactEntry[] {
  return store.index.drafts().filter(({ id }) => isHandle(id));
}

/** Tells whether `HEAD` holds drafts and nothing else: handles are nobody else's, so it clashes with no other history. */
export function hasOnlyDrafts(repo: Pick<Repository, 'store'>): boolean {
  const drafts = listDrafts(repo).length;
  return drafts > 0 && drafts === repo.store.index.list().length;
}

/**
 * Has the origin issue a number for each draft of `HEAD`, and commits all that follows from it at once: files have their new
 * names, and whatever named a handle names the number.
 *
 * The request for a draft's number is made from its handle. So whoever asks again, on whichever clone, gets the same number, and
 * a command that was killed in between loses none.
 *
 * @param fetched true when `origin/main` was fetched just now
 * @returns undefined when there are no drafts, or they were made before this store had anything from the origin, and a pull has to
 *   bring them together first; the origin is asked for no number then
 * @throws {SyncError} the codes of `Remote` and `fetch`; `MERGE_IN_PROGRESS`
 */
export function numberDrafts(repo: Repository, options: NumberOptions = {}): Promise<DraftReport | undefined> {
  return asSyncOperation(
    repo,
    'number drafts',
    () => numberNow(repo, options),
    (report) =>
      report ? { result: 'done', detail: { numbered: report.numbered.length, refused: report.refused.length } } : null,
  );
}

interface NumberOptions extends CallOptions {
  readonly fetched?: boolean;
}

async function numberNow(
  repo: Repository,
  { fetched = false, ...options }: NumberOptions,
): Promise<DraftReport | undefined> {
  const fulfilled = askedFor(repo.store, 'number');
  const drafts = listDrafts(repo);
  if (drafts.length === 0) {
    // Whoever committed the numbers may have been killed before the disk could follow.
    if (isAskedFor(repo.store, 'number')) followHead(repo);
    fulfilled();
    return undefined;
  }
  refuseDuringMerge(repo.store);
  // The origin does not know of ids that came with imported files.
  if (!fetched) await fetch(repo, options);
  if (isApart(repo)) return undefined;
  const ids = new Map<string, string>();
  const refused: (QueueFailure & { handle: string })[] = [];
  for (const handle of new Set(drafts.map(({ id }) => id))) {
    try {
      const kinds = KINDS.filter((kind) => drafts.some((draft) => draft.id === handle && draft.kind === kind));
      ids.set(handle, await issueNumber(repo, handle, kinds, options));
    } catch (error) {
      if (!(error instanceof SyncError) || !ABOUT_THE_DRAFT.has(error.code)) throw error;
      refused.push({ handle, code: error.code, message: error.message });
    }
  }
  const { numbered, clashing } = commitNumbers(repo, ids, await currentActor(repo));
  for (const { kind, handle, id } of clashing) {
    const { code, message } = taken(kind, id);
    refused.push({ handle, code, message });
  }
  if (refused.length === 0) fulfilled();
  return { numbered, refused };
}

/** With numbers in it, such a history could no longer be told from one that only looks like the origin's. */
function isApart({ store }: Repository): boolean {
  const [head, origin] = [headCommit(store), store.refs.get(ORIGIN_MAIN)];
  return head !== null && origin !== undefined && mergeBases(graphOf(store), head, origin).length === 0;
}

/** What another draft need not suffer from. */
const ABOUT_THE_DRAFT = new Set<string>(['ID_TAKEN', 'USAGE', 'REQUEST_INVALID']);

/** A Story comes first: Plans and Runbooks that share its handle are to have its number. */
const LEADING: readonly ArtifactKind[] = ['story', 'plan', 'runbook'];

async function issueNumber(
  repo: Repository,
  handle: string,
  kinds: readonly ArtifactKind[],
  options: CallOptions,
): Promise<string> {
  const remote = await repo.connect();
  const issue = async (kind: ArtifactKind, want: IdRequest['want']): Promise<string> => {
    const answer = await remote.issueId({ id: numberRequestId(kind, handle), kind, want }, options);
    if (answer.status === 'taken') throw taken(kind, answer.id);
    return answer.id;
  };
  const [first, ...others] = LEADING.filter((kind) => kinds.includes(kind));
  const prefix = handle.slice(0, handle.indexOf('-'));
  const known = repo.store.index.idOf(handle);
  const want = known ? { claim: known } : { next: prefix, floor: highestNumber(idsInUse(repo), prefix) };
  const id = await issue(first!, want);
  for (const kind of others) await issue(kind, { claim: id });
  return id;
}

interface Committed {
  readonly numbered: readonly NumberedDraft[];
  /** Those whose number came with a file that was imported meanwhile. */
  readonly clashing: readonly NumberedDraft[];
}

function commitNumbers(repo: Repository, ids: ReadonlyMap<string, string>, actor: Actor): Committed {
  const { store, worktree } = repo;
  return takeStep(repo, 'number drafts', (): Step<Committed> => {
    refuseDuringMerge(store);
    const drafts = listDrafts(repo).flatMap(({ kind, id: handle }) => {
      const id = ids.get(handle);
      return id === undefined ? [] : { kind, handle, id };
    });
    const clashing = drafts.filter(({ kind, id }) => store.index.list({ kind, id }).length > 0);
    const left = new Set(clashing.map(({ handle }) => handle));
    const numbered = drafts.filter(({ handle }) => !left.has(handle));
    const result = { numbered, clashing };
    if (numbered.length === 0) return { result };

    const head = headCommit(store)!;
    const before = treeOf(store, head)!;
    const idOf = (handle: string) => (left.has(handle) ? undefined : ids.get(handle));
    const rewritten = [...rewriteHandles(store, before, idOf)];
    const edits = rewritten.flatMap((file) => file.edits);
    const tree = writeTree(store, before, edits);
    const move = withEdited(repo, planMove(repo, baseTree(store, worktree), tree), rewritten);
    const message = `${subject(numbered)}\n\n${numbered.map(formatTrailer).join('\n')}`;
    return { result, move, commit: writeCommit(repo, { tree, parents: [head], message, actor }) };
  });
}

function subject(numbered: readonly NumberedDraft[]): string {
  const [first, second] = numbered;
  return second ? `Number ${numbered.length} drafts` : `Number ${first!.kind} ${first!.id}`;
}

/**
 * Plans the same for files with work in them that is not imported: they follow under their new names, with the new ids in
 * them, and the work is still to be imported. What they held before is kept in the store.
 */
function withEdited(
  repo: Repository,
  { from: base, plan }: WorktreeMove,
  rewritten: readonly RewrittenFile[],
): WorktreeMove {
  const { store, worktree } = repo;
  const write: PlannedWrite[] = [];
  const remove: PlannedRemoval[] = [];
  const settled = new Set<string>();
  for (const { from, to, idOf } of rewritten) {
    const known = findFile(store.objects, base, from)?.oid;
    const bytes = worktree.stat(from) && worktree.read(from);
    const found = bytes && store.objects.hash('blob', bytes);
    const isFree = to === from || !worktree.stat(to);
    if (found === known || !isFree) continue;
    settled.add(from).add(to);
    if (!bytes) continue;
    const kept = store.objects.write({ type: 'blob', body: bytes });
    const text = decodeUtf8Strict(bytes);
    const body = text === undefined ? bytes : encodeUtf8(replaceHandles(text, idOf));
    write.push({ path: to, found: to === from ? kept : undefined, oid: store.objects.write({ type: 'blob', body }) });
    if (to !== from) remove.push({ path: from, found: kept });
  }
  const isLeft = ({ path }: { readonly path: string }) => !settled.has(path);
  return {
    from: base,
    plan: {
      write: [...plan.write.filter(isLeft), ...write],
      remove: [...plan.remove.filter(isLeft), ...remove],
      blocked: plan.blocked.filter((path) => !settled.has(path)),
    },
  };
}
