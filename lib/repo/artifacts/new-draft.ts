import { isHandle, makeHandle } from '../../artifact/draft-handle.js';
import { artifactPath } from '../../artifact/path.js';
import { renderTemplate } from '../../artifact/templates.js';
import { SyncError } from '../../core/errors.js';
import type { Oid } from '../../core/object/oid.js';
import { encodeUtf8 } from '../../core/object/text.js';
import { asSyncOperation } from '../audit/sync-operation.js';
import { refuseDuringMerge } from '../merge/merge-state.js';
import type { Repository } from '../repository.js';
import { choosePrefix, idsInUse, refuseTaken } from './artifact-ids.js';
import { checkDocument, commitChange } from './change-artifact.js';
import { findStory } from './find-story.js';
import { type NewArtifact, withCleanTitle } from './new-artifact.js';
import { type BegunRequest, madeBefore, withRequest } from './unfinished-request.js';

/** What was made without the origin. */
export interface NewDraftResult {
  /** A handle; the Story's id for what takes its id from a Story that has a number. */
  readonly id: string;
  readonly path: string;
  readonly commit: Oid;
}

/**
 * Makes a Plan, Story or Runbook without a connection, under a handle. The next sync has the origin issue its number.
 *
 * What belongs to a Story has the Story's id, be that a handle or a number.
 *
 * @throws {SyncError} `USAGE`, `ARTIFACT_UNKNOWN` for a Story that is not there; `ID_TAKEN`, `MERGE_IN_PROGRESS`
 */
export function newDraft(repo: Repository, wanted: NewArtifact): Promise<NewDraftResult> {
  return asSyncOperation(
    repo,
    `new ${wanted.kind} --draft`,
    async () => {
      refuseDuringMerge(repo.store);
      const clean = withCleanTitle(repo, wanted);
      const { kind, title = '', prefix = '', story = '' } = clean;
      return withRequest(repo, ['draft', kind, title, prefix, story], (begun) => makeDraft(repo, clean, begun));
    },
    ({ commit }) => ({ result: 'committed', detail: { commit } }),
  );
}

async function makeDraft(repo: Repository, wanted: NewArtifact, begun: BegunRequest): Promise<NewDraftResult> {
  const { kind } = wanted;
  const story = wanted.story === undefined ? undefined : findStory(repo, wanted.story);
  const title = wanted.title ?? story?.title;
  if (!title?.trim()) throw new SyncError('USAGE', `say what the title of the ${kind} is to be`);
  const id = story ? story.id : handleOf(repo, wanted.prefix, begun);
  const path = artifactPath(kind, id, title);
  const before = madeBefore(repo, begun, path);
  if (before) return { id, path, commit: before };
  const bytes = encodeUtf8(renderTemplate(kind, { id, title, ...(story ? { story: id } : {}) }));
  checkDocument(path, bytes);
  const made = await commitChange(repo, () => {
    refuseTaken(repo, kind, id);
    if (isHandle(id)) repo.store.queue.add({ do: 'number' }, repo.clock.now().seconds);
    return { path, bytes, message: `Add ${kind} ${id}` };
  });
  return { id, path, commit: (made as { commit: Oid }).commit };
}

function handleOf(repo: Repository, prefix: string | undefined, { since, request }: BegunRequest): string {
  return makeHandle(choosePrefix(idsInUse(repo), prefix), since, request);
}
