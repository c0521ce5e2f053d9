import { changeLetter, type FileDiff } from '../core/diff/diff-file.js';
import { type PatchLine, patchLines } from '../core/diff/unified.js';
import { decodeUtf8 } from '../core/object/text.js';
import type { FileVersion } from '../core/ports.js';
import { shorten } from './commit-text.js';
import type { AgentContext } from './context.js';
import { painter, plain } from './output.js';

const COLORS = {
  header: 'bold',
  hunk: 'cyan',
  added: 'green',
  deleted: 'red',
  context: 'reset',
  note: 'reset',
} as const;

/** Patches as `git diff` prints them: bytes that `git apply` takes, or coloured text for a terminal. */
export function formatPatches(context: AgentContext, diffs: readonly FileDiff[]): string | Uint8Array {
  const lines = diffs.flatMap((diff) => patchLines(diff, { abbrev: shorten }));
  if (!context.stdout.isTTY) return Buffer.concat(lines.map(({ bytes }) => bytes));
  const paint = painter(context);
  return lines.map(({ kind, bytes }) => paintLine(paint, kind, plain(decodeUtf8(bytes)))).join('');
}

function paintLine(paint: ReturnType<typeof painter>, kind: PatchLine['kind'], line: string): string {
  return COLORS[kind] === 'reset' ? line : `${paint(COLORS[kind], line.replace(/\n$/, ''))}\n`;
}

/** One file of a diff as `--json` has it. */
export interface DiffDocument {
  readonly path: string;
  /** Only of a rename: the path before, and how alike the bytes are, in whole per cent. */
  readonly from?: string;
  readonly similarity?: number;
  /** `A`, `M`, `D`, `R` or `T`, as `--name-status` has it. */
  readonly change: string;
  readonly before: FileVersion | null;
  readonly after: FileVersion | null;
  readonly binary: boolean;
  readonly added: number;
  readonly deleted: number;
  readonly patch: string;
}

/** What `--json` says about a diff. */
export function diffDocuments(diffs: readonly FileDiff[]): DiffDocument[] {
  return diffs.map((diff) => {
    const { path, from, similarity, before, after, binary, added, deleted } = diff;
    const rename = from !== undefined && similarity !== undefined && { from, similarity };
    const patch = decodeUtf8(Buffer.concat(patchLines(diff, { abbrev: shorten }).map(({ bytes }) => bytes)));
    return { path, ...rename, change: changeLetter(diff), before, after, binary, added, deleted, patch };
  });
}
