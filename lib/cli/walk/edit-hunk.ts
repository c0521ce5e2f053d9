import { type CutFile, lineStarts, sliceLines } from '../../core/diff/lines.js';
import { concatBytes, decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { LineRange } from '../../core/ports.js';
import type { AgentContext } from '../context.js';
import { editText } from '../editor.js';
import type { ShownConflict } from './show-question.js';

/** What came of editing a hunk: its lines, or why they cannot be taken, and what to go on from. */
export type EditedHunk = { readonly text: string } | { readonly problem: string; readonly draft: Uint8Array };

const MARKERS = ['<<<<<<< ours', '||||||| base', '>>>>>>> theirs'];
const LF = 0x0a;

/**
 * Has the user edit one hunk in their editor, all three versions of it between markers.
 *
 * @param draft what an earlier try left
 * @throws {SyncError} `USAGE` without an editor, `EDITOR_FAILED`
 */
export async function editHunk(
  context: AgentContext,
  { conflict, versions }: ShownConflict,
  hunk: number,
  draft?: Uint8Array,
): Promise<EditedHunk> {
  const { ours, base, theirs } = conflict.hunks[hunk]!;
  const [opening, middle, closing] = MARKERS.map((marker) => encodeUtf8(`${marker}\n`));
  const marked = concatBytes([
    opening!,
    wholeLines(versions.ours, ours),
    middle!,
    wholeLines(versions.base, base),
    encodeUtf8('=======\n'),
    wholeLines(versions.theirs, theirs),
    closing!,
  ]);
  const edited = await editText(context, conflict.path, draft ?? marked, async (bytes) => bytes);
  const text = decodeUtf8Strict(edited);
  if (text === undefined) return { problem: 'that is not UTF-8 text', draft: edited };
  const isMarked = text.split('\n').some((line) => MARKERS.includes(line.trimEnd()));
  return isMarked ? { problem: 'there are still markers in it', draft: edited } : { text };
}

function wholeLines(bytes: Uint8Array, { start, end }: LineRange): Uint8Array {
  const file: CutFile = { bytes, starts: lineStarts(bytes) };
  const lines = sliceLines(file, start, end);
  return lines.length > 0 && lines.at(-1) !== LF ? concatBytes([lines, Uint8Array.of(LF)]) : lines;
}
