import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SyncError } from '../core/errors.js';
import type { AgentContext } from './context.js';
import { runInForeground } from './foreground.js';

/**
 * Has the user edit a text in their editor, and hands the result to `take`.
 *
 * @param path what the copy is called after
 * @param take throws when it cannot take the text; the copy is then kept, and the error says where
 * @throws {SyncError} `USAGE` without an editor, `EDITOR_FAILED`, and what `take` throws
 */
export async function editText<T>(
  context: AgentContext,
  path: string,
  text: Uint8Array,
  take: (edited: Uint8Array) => Promise<T>,
): Promise<T> {
  const command = editorCommand(context);
  const folder = mkdtempSync(join(tmpdir(), 'agent-edit-'));
  const copy = join(folder, basename(path));
  writeFileSync(copy, text, { mode: 0o600 });
  await runEditor(context, command, copy);
  const result = await take(readFileSync(copy)).catch((error) => {
    throw error instanceof SyncError ? withKeptCopy(error, copy) : error;
  });
  rmSync(folder, { recursive: true });
  return result;
}

/**
 * Has the user edit a file where it is.
 *
 * @throws {SyncError} `USAGE` without an editor, `EDITOR_FAILED`
 */
export async function editInPlace(context: AgentContext, file: string): Promise<void> {
  await runEditor(context, editorCommand(context), file);
}

/** @see git-var(1), `GIT_EDITOR`: `VISUAL` is for terminals that can do more than print lines */
function editorCommand({ env, stdin }: AgentContext): string {
  const terminal = stdin.isTTY === true;
  const command = (terminal && env.TERM !== 'dumb' ? env.VISUAL : undefined) || env.EDITOR || (terminal ? 'vi' : '');
  if (command) return command;
  throw new SyncError('USAGE', 'there is no editor to open', {
    hint: "Set EDITOR, or give the new text with '--file F'.",
  });
}

/** The command is the user's own, and may have arguments (`code --wait`): the shell takes it apart, as git has it. */
async function runEditor(context: AgentContext, command: string, file: string): Promise<void> {
  const ended = await runInForeground(context, 'sh', ['-c', `${command} "$@"`, command, file]);
  if (ended === 0) return;
  throw new SyncError('EDITOR_FAILED', `the editor '${command}' ended with ${ended}`, {
    hint: `Nothing was changed. The text is in ${file}, as far as it was written.`,
  });
}

function withKeptCopy(error: SyncError, copy: string): SyncError {
  const kept = `Your text is kept in ${copy}; correct it and give it with '--file'.`;
  return new SyncError(error.code, error.message, { hint: error.hint ? `${error.hint}\n${kept}` : kept, cause: error });
}
