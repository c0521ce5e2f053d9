import { isOffline } from '../core/failure-class.js';
import type { NewArtifact } from '../repo/artifacts/new-artifact.js';
import type { Repository } from '../repo/repository.js';
import type { AgentContext } from './context.js';
import { answerNewArtifact } from './new-artifact-text.js';
import { type Answer, plain } from './output.js';
import { catchUpNotes } from './queue-text.js';

/** What the `new-…` commands do: an artifact with a number, or a draft where there is no connection and that will do. */
export async function makeArtifact(
  context: AgentContext,
  repo: Repository,
  wanted: NewArtifact,
  { draft, command }: { readonly draft: boolean; readonly command: string },
): Promise<Answer> {
  if (draft) return makeDraft(repo, wanted, []);
  const notes = await catchUpNotes(repo, context.signal);
  const { newArtifact } = await import('../repo/artifacts/new-artifact.js');
  try {
    return { ...answerNewArtifact(await newArtifact(repo, wanted, { signal: context.signal })), notes };
  } catch (error) {
    if (!isOffline(error)) throw error;
    const { queuesOffline, withHint } = await import('../repo/queue/queue.js');
    if (await queuesOffline(repo)) {
      return makeDraft(repo, wanted, [...notes, `no connection: ${error.message} [${error.code}]`]);
    }
    throw withHint(error, `'${command} --draft' makes one without a connection (docs/offline.md).`);
  }
}

async function makeDraft(repo: Repository, wanted: NewArtifact, notes: readonly string[]): Promise<Answer> {
  const { newDraft } = await import('../repo/artifacts/new-draft.js');
  const { isHandle } = await import('../artifact/draft-handle.js');
  const made = await newDraft(repo, wanted);
  const isDraft = isHandle(made.id);
  const lines = [
    `Made ${made.id}: .agent/cache/${plain(made.path)}`,
    isDraft ? 'It is a draft, and gets its number with the next push or pull.' : 'It is committed here and not pushed.',
  ];
  return { text: lines.join('\n'), document: { ...made, draft: isDraft }, notes };
}
