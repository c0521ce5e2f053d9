import type { HunkAnswer, PendingConflict, Store } from '../../core/ports.js';
import { mergeInProgress } from '../../repo/merge-state.js';
import { pickConflicts } from '../../repo/pick-conflicts.js';
import type { Repository } from '../../repo/repository.js';
import { isRerereOn } from '../../repo/rerere.js';
import { continueMerge, type FinishedMerge } from '../../repo/settle-merge.js';
import type { AgentContext } from '../context.js';
import { painter } from '../output.js';
import { answerQuestion, type Drafts } from './answer-question.js';
import { ask } from './ask.js';
import { AT_THE_END, choicesFor } from './choices.js';
import { formatQuestion, type ShownConflict } from './show-question.js';
import { readShownConflict } from './shown-conflicts.js';
import { currentQuestion, startWalk, takeStep } from './walk.js';

/** How a walk ended. */
export interface WalkedConflicts {
  /** The conflicts that are still open, of the whole merge. */
  readonly open: readonly PendingConflict[];
  /** Undefined unless the person wanted the merge committed at the end. */
  readonly finished: FinishedMerge | undefined;
}

/**
 * Walks a person through the open conflicts on their terminal, and keeps each answer as soon as it is given.
 *
 * @param asked the artifact to keep to; all when left out
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`; `ABORTED` after Ctrl-C, which takes
 *   nothing back
 */
export async function walkConflicts(context: AgentContext, repo: Repository, asked?: string): Promise<WalkedConflicts> {
  const conflicts = await readOpenConflicts(repo, asked);
  const drafts: Drafts = new Map();
  let walk = startWalk<HunkAnswer>(
    conflicts.map(({ conflict }) => conflict.hunks.map((_, i) => conflict.answers[i] ?? null)),
  );
  for (;;) {
    const question = currentQuestion(walk);
    if (!question) {
      const open = openConflicts(repo.store);
      const key = open.length > 0 ? 'n' : await ask(context, COMMIT, AT_THE_END, INTERRUPTED);
      if (key !== 'p') return { open, finished: key === 'y' ? await continueMerge(repo) : undefined };
      walk = takeStep(walk, { do: 'back' });
      continue;
    }
    const shown = conflicts[question.conflict]!;
    context.stdout.write(formatQuestion(shown, question, conflicts.length, painter(context)));
    const what = question.hunk === null ? 'Which version?' : 'Which lines?';
    const key = await ask(context, what, choicesFor(shown, question, walk.at === 0), INTERRUPTED);
    if (key === 'q') return { open: openConflicts(repo.store), finished: undefined };
    const step = await answerQuestion(context, repo, { shown, question }, key, drafts);
    if (step) walk = takeStep(walk, step);
  }
}

async function readOpenConflicts(repo: Repository, asked: string | undefined): Promise<ShownConflict[]> {
  const { store } = repo;
  const state = mergeInProgress(store);
  const rerere = await isRerereOn(repo);
  return (asked === undefined ? state.conflicts : pickConflicts(state.conflicts, asked))
    .filter(({ resolution }) => resolution === undefined)
    .map((conflict) => readShownConflict(store, state, conflict, { rerere }));
}

function openConflicts(store: Store): PendingConflict[] {
  return mergeInProgress(store).conflicts.filter(({ resolution }) => resolution === undefined);
}

const COMMIT = 'Every conflict is settled. Commit the merge?';

const INTERRUPTED = {
  message: 'interrupted; what you answered is kept, and the merge waits',
  hint: "Go on with 'agent sync resolve', or go back to before the merge with 'agent sync merge --abort'.",
};
