import { type CutFile, lineStarts, sliceLines } from '../../core/diff/lines.js';
import { concatBytes, decodeUtf8Strict, encodeUtf8 } from '../../core/object/text.js';
import type { LineRange } from '../../core/ports.js';
import type { AgentContext } from '../context.js';
import { editText } from '../editor.js';
import type { ShownConflict } from './show-question.js';

/** What came of editing: the lines, or why they cannot be taken, and what to go on from. */
export type EditedLines = { readonly text: string } | { readonly problem: string; readonly draft: Uint8Array };

const MARKERS = ['<<<<<<< ours', '||||||| base', '>>>>>>> theirs'];
const LF = 0x0a;

/**
 * Has the user edit one hunk in their editor, all three versions of it between markers, or the whole of a merged text.
 *
 * @param hunk null for the whole
 * @param draft what an earlier try left
 * @throws {SyncError} `USAGE` without an editor, `EDITOR_FAILED`
 */
export async function editLines(
  context: AgentContext,
  shown: ShownConflict,
  hunk: number | null,
  draft?: Uint8Array,
): Promise<EditedLines> {
  const given = draft ?? (hunk === null ? shown.marked : markUp(shown, hunk));
  const edited = await editText(context, shown.conflict.path, given, async (bytes) => bytes);
  const text = decodeUtf8Strict(edited);
  if (text === undefined) return { problem: 'that is not UTF-8 text', draft: edited };
  const isMarked = hunk !== null && text.split('\n').some((line) => MARKERS.includes(line.trimEnd()));
  return isMarked ? { problem: 'there are still markers in it', draft: edited } : { text };
}

function markUp({ conflict, versions }: ShownConflict, hunk: number): Uint8Array {
  const { ours, base, theirs } = conflict.hunks[hunk]!;
  const [opening, middle, closing] = MARKERS.map((marker) => encodeUtf8(`${marker}\n`));
  return concatBytes([
    opening!,
    wholeLines(versions.ours, ours),
    middle!,
    wholeLines(versions.base, base),
    encodeUtf8('=======\n'),
    wholeLines(versions.theirs, theirs),
    closing!,
  ]);
}

function wholeLines(bytes: Uint8Array, { start, end }: LineRange): Uint8Array {
  const file: CutFile = { bytes, starts: lineStarts(bytes) };
  const lines = sliceLines(file, start, end);
  return lines.length > 0 && lines.at(-1) !== LF ? concatBytes([lines, Uint8Array.of(LF)]) : lines;
}
