import { SyncError } from '../../core/errors.js';
import { decodeUtf8, encodeUtf8 } from '../../core/object/text.js';
import type { HunkAnswer, Store } from '../../core/ports.js';
import { listConflicts } from '../../repo/conflicts/conflicts.js';
import { settleConflicts } from '../../repo/conflicts/resolve.js';
import type { Repository } from '../../repo/repository.js';
import type { AgentContext } from '../context.js';
import { printNote } from '../output.js';
import type { Key } from './ask-key.js';
import { editLines } from './edit-lines.js';
import type { ShownConflict } from './show-question.js';
import type { Question, Step } from './walk.js';

/** A question, and what it is about. */
export interface ShownQuestion {
  readonly shown: ShownConflict;
  readonly question: Question;
}

/** What editors left of hunks that could not be taken yet. */
export type Drafts = Map<Question, Uint8Array>;

/**
 * Does what a key stands for: an answer is kept in the store, and shown on disk, at once.
 *
 * What cannot be done is told on standard error.
 *
 * @returns the step to take; undefined to ask again
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS` when somebody else finished or dropped the merge
 */
export async function answerQuestion(
  context: AgentContext,
  repo: Repository,
  about: ShownQuestion,
  key: Key,
  drafts: Drafts,
): Promise<Step<HunkAnswer> | undefined> {
  if (key === 's') return { do: 'skip' };
  if (key === 'p') return { do: 'back' };
  try {
    const answer = key === 'e' ? await edit(context, about, drafts) : answerOf(about, key);
    if (answer === undefined) return undefined;
    keep(repo, about, answer);
    if (isTaken(repo.store, about)) return { do: 'answer', answer };
    printNote(context, 'Its base is that of other hunks, too: it is taken when all of them go back to it.\n');
    return { do: 'skip' };
  } catch (error) {
    if (!(error instanceof SyncError) || error.code === 'MERGE_NOT_IN_PROGRESS') throw error;
    printNote(context, `error: ${error.message}\n${error.hint ? `hint: ${error.hint}\n` : ''}`);
    return undefined;
  }
}

/** The answers that a conflict's hunks have; one that has no effect yet, as to go back to a base that hunks share, is none. */
export function answersSoFar(store: Store, path: string): (HunkAnswer | null)[] {
  const { hunks } = listConflicts(store, [path]).conflicts[0]!;
  return hunks.map(({ answer, result }) => (result === null ? answer : null));
}

function isTaken(store: Store, { shown: { conflict }, question: { hunk } }: ShownQuestion): boolean {
  return hunk === null || answersSoFar(store, conflict.path)[hunk] !== null;
}

function answerOf({ shown, question: { hunk } }: ShownQuestion, key: Key): HunkAnswer | undefined {
  switch (key) {
    case 'm':
      return { text: decodeUtf8(shown.marked) };
    case 'o':
      return 'ours';
    case 't':
      return 'theirs';
    case 'u':
      return 'union';
    case 'b':
      return 'base';
    default: {
      const lines = hunk === null ? undefined : shown.remembered?.hunks[hunk];
      return lines && { text: decodeUtf8(lines) };
    }
  }
}

async function edit(
  context: AgentContext,
  { shown, question }: ShownQuestion,
  drafts: Drafts,
): Promise<HunkAnswer | undefined> {
  const edited = await editLines(context, shown, question.hunk, drafts.get(question));
  if ('text' in edited) return edited;
  drafts.set(question, edited.draft);
  printNote(context, `That cannot be taken: ${edited.problem}. 'e' goes on editing it.\n`);
  return undefined;
}

function keep(repo: Repository, { shown, question: { hunk } }: ShownQuestion, answer: HunkAnswer): void {
  const { conflict } = shown;
  settleConflicts(repo, ({ conflicts }) => {
    const now = conflicts.find(({ path }) => path === conflict.path);
    if (!now || !isSame(now, conflict)) {
      throw new SyncError('REF_CHANGED', `the conflict of '${conflict.path}' is not the one that was shown any more`, {
        hint: 'Somebody began another merge meanwhile. Quit, and begin again.',
      });
    }
    if (hunk !== null) return [{ conflict: now, answer: { hunks: new Map([[hunk + 1, answer]]) } }];
    return [{ conflict: now, answer: typeof answer === 'string' ? answer : { bytes: encodeUtf8(answer.text) } }];
  });
}

function isSame(now: ShownConflict['conflict'], then: ShownConflict['conflict']): boolean {
  const identity = ({ kind, base, ours, theirs, hunks }: ShownConflict['conflict']) =>
    JSON.stringify([kind, base, ours, theirs, hunks]);
  return identity(now) === identity(then);
}
