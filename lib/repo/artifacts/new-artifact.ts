import { artifactPath } from '../../artifact/path.js';
import { renderTemplate } from '../../artifact/templates.js';
import { SyncError } from '../../core/errors.js';
import { isOffline } from '../../core/failure-class.js';
import { derivedUuid } from '../../core/object/derived-uuid.js';
import type { Oid } from '../../core/object/oid.js';
import { encodeUtf8 } from '../../core/object/text.js';
import type { Actor, ArtifactKind, CallOptions, IdRequest } from '../../core/ports.js';
import { currentActor } from '../actor.js';
import { asSyncOperation, failureOf } from '../audit/sync-operation.js';
import type { MergeResult } from '../merge/merge.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import { recordOperation } from '../operations/operation.js';
import { type Queued, queueAfter, queuesOffline } from '../queue/queue.js';
import type { Repository } from '../repository.js';
import { pull } from '../sync/pull.js';
import { type PushWithPullOptions, type PushWithPullResult, pushWithPull } from '../sync/push-with-pull.js';
import { choosePrefix, highestNumber, idsInUse, refuseTaken, taken } from './artifact-ids.js';
import { checkDocument, commitChange } from './change-artifact.js';
import { findStory } from './find-story.js';
import { type BegunRequest, madeBefore, withRequest } from './unfinished-request.js';

/** What to make. */
export interface NewArtifact {
  readonly kind: ArtifactKind;
  /** The Story's when left out. */
  readonly title?: string;
  /** Such as `INFRA`; the origin issues the next number below it. */
  readonly prefix?: string;
  /** The Story whose id a Runbook (or a Plan) takes. */
  readonly story?: string;
}

/** What was made. */
export interface NewArtifactResult {
  readonly id: string;
  readonly path: string;
  readonly commit: Oid;
  /** `failed` leaves the artifact committed here: a push sends it, and making it again would make another. */
  readonly push: PushWithPullResult | Queued | { readonly status: 'failed'; readonly error: SyncError };
}

/**
 * Makes a Plan, Story or Runbook: syncs, has the origin issue the id, commits a text from the template, and pushes it.
 *
 * @throws {SyncError} `ORIGIN_NOT_CONFIGURED`, `ORIGIN_UNREACHABLE` and the other codes of `Remote`; `ID_TAKEN`,
 *   `ARTIFACT_UNKNOWN` for a Story that is not there; `MERGE_IN_PROGRESS` when syncing found a conflict; `ABORTED`
 */
export function newArtifact(
  repo: Repository,
  wanted: NewArtifact,
  options: CallOptions = {},
): Promise<NewArtifactResult> {
  const name = `new ${wanted.kind}`;
  const make = () => recordOperation(repo, name, () => beginArtifact(repo, wanted, options));
  return asSyncOperation(repo, name, make, ({ push, commit }) => ({
    result: push.status === 'failed' ? failureOf(push.error) : push.status,
    detail: { commit },
  }));
}

/** A title becomes a path as well, and both stand in the log of operations. */
export function withCleanTitle(repo: Repository, wanted: NewArtifact): NewArtifact {
  return wanted.title === undefined ? wanted : { ...wanted, title: repo.gate.admitText(wanted.title) };
}

/** Takes up what the same command left undone, if it was killed. */
async function beginArtifact(repo: Repository, given: NewArtifact, options: CallOptions): Promise<NewArtifactResult> {
  refuseDuringMerge(repo.store);
  const wanted = withCleanTitle(repo, given);
  const { kind, title = '', prefix = '', story = '' } = wanted;
  return withRequest(repo, [kind, title, prefix, story], (begun) => makeArtifact(repo, wanted, begun, options));
}

async function makeArtifact(
  repo: Repository,
  wanted: NewArtifact,
  begun: BegunRequest,
  options: CallOptions,
): Promise<NewArtifactResult> {
  const merged = await pullClean(repo, options);
  const { kind, prefix } = wanted;
  const story = wanted.story === undefined ? undefined : findStory(repo, wanted.story);
  const title = wanted.title ?? story?.title;
  if (!title?.trim()) throw new SyncError('USAGE', `say what the title of the ${kind} is to be`);
  if (story && !begun.resumed) refuseTaken(repo, kind, story.id);
  const want = story ? { claim: story.id } : nextId(repo, prefix);
  const id = await issueId(repo, kind, want, begun.request, options);
  const path = artifactPath(kind, id, title);
  const commit = madeBefore(repo, begun, path) ?? (await commitNew(repo, { kind, id, title, path }, story?.id));
  // Whoever else begins the same empty project at this moment has a history of their own, by nobody's fault.
  const allowUnrelated = merged === undefined;
  return { id, path, commit, push: await pushMade(repo, id, { ...options, allowUnrelated }) };
}

async function commitNew(
  repo: Repository,
  {
    kind,
    id,
    title,
    path,
  }: { readonly kind: ArtifactKind; readonly id: string; readonly title: string; readonly path: string },
  story: string | undefined,
): Promise<Oid> {
  const bytes = encodeUtf8(renderTemplate(kind, { id, title, ...(story === undefined ? {} : { story }) }));
  checkDocument(path, bytes);
  const { commit } = (await commitChange(repo, () => {
    refuseTaken(repo, kind, id);
    return { path, bytes, message: `Add ${kind} ${id}` };
  })) as { commit: Oid };
  return commit;
}

/** What fails from here on has to be told together with what was made. */
async function pushMade(
  repo: Repository,
  id: string,
  options: PushWithPullOptions,
): Promise<NewArtifactResult['push']> {
  try {
    return await pushWithPull(repo, options);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    if (isOffline(error) && (await queuesOffline(repo))) return queueAfter(repo, { do: 'push', pull: true }, error);
    if (error.code !== 'ABORTED') return { status: 'failed', error };
    throw new SyncError('ABORTED', `interrupted; ${id} is committed here, but it is not known to be pushed`, {
      hint: "Send it with 'agent sync push'; making it again would make another one.",
      cause: error,
    });
  }
}

async function issueId(
  repo: Repository,
  kind: ArtifactKind,
  want: IdRequest['want'],
  request: string,
  options: CallOptions,
): Promise<string> {
  const remote = await repo.connect();
  const id = 'claim' in want ? claimRequest(await currentActor(repo), kind, want.claim) : request;
  const answer = await remote.issueId({ id, kind, want }, options);
  if (answer.status === 'issued') return answer.id;
  throw taken(kind, answer.id);
}

/** The request by which an actor claims an id: always the same one, so that a claim whose answer got lost is answered again. */
function claimRequest(actor: Actor, kind: ArtifactKind, id: string): string {
  return derivedUuid(`${actor.id} ${kind} ${id}`);
}

function nextId(repo: Repository, asked: string | undefined): { next: string; floor: number } {
  const ids = idsInUse(repo);
  const next = choosePrefix(ids, asked);
  return { next, floor: highestNumber(ids, next) };
}

/** @returns undefined when the origin is still empty */
async function pullClean(repo: Repository, options: CallOptions): Promise<MergeResult | undefined> {
  const { merged } = await pull(repo, options);
  if (merged?.status === 'conflicted') {
    throw new SyncError('MERGE_IN_PROGRESS', 'syncing with the origin before asking for an id found conflicts', {
      hint: "Settle them with 'agent sync resolve' and 'agent sync merge --continue', then try again. No id was used.",
    });
  }
  return merged;
}
