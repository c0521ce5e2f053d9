import { join } from 'node:path';
import { listConflicts } from '../repo/conflicts/conflicts.js';
import { editableConflicts, takeEdited } from '../repo/conflicts/edit-conflict.js';
import type { Repository } from '../repo/repository.js';
import { formatNext } from './conflict-text.js';
import type { AgentContext } from './context.js';
import { editInPlace } from './editor.js';
import { configuredMergeTool, runMergeTool } from './merge-tool.js';
import { type Answer, plain } from './output.js';

/**
 * Opens conflicted files, one after the other, and says which conflicts that settled.
 *
 * @param asked ids, `kind/id` or paths; all that are open when empty
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`, `EDITOR_FAILED`, `USAGE` without an editor
 */
export async function editConflicts(
  context: AgentContext,
  repo: Repository,
  asked: readonly string[],
): Promise<Answer> {
  const editable = editableConflicts(repo, asked);
  const tool = configuredMergeTool(context, repo.root);
  const lines: string[] = [];
  for (const { path, stages, bytes } of editable) {
    const edited = tool && (await runMergeTool(context, tool, { path, stages, marked: bytes }));
    if (!tool) await editInPlace(context, join(repo.worktree.root, path));
    lines.push(
      takeEdited(repo, path, edited)
        ? `Settled ${plain(path)} with what you made of it.`
        : `${plain(path)} stays open: markers of the merge are left in it, or nothing was changed.`,
    );
  }
  const paths = editable.map(({ path }) => path);
  const left = listConflicts(repo.store);
  const list = paths.length > 0 ? listConflicts(repo.store, paths) : { ...left, open: 0, conflicts: [] };
  const first = lines.length > 0 ? lines : ['No open conflict has lines to edit.'];
  return { text: [...first, formatNext(left)].join('\n'), document: list, code: list.open > 0 ? 1 : 0 };
}
