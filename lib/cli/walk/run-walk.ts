import type { HunkAnswer, Store } from '../../core/ports.js';
import { pickConflicts } from '../../repo/conflicts/pick-conflicts.js';
import { isRerereOn } from '../../repo/conflicts/rerere.js';
import { mergeInProgress } from '../../repo/merge/merge-state.js';
import { continueMerge, type FinishedMerge } from '../../repo/merge/settle-merge.js';
import type { RebasedFurther } from '../../repo/rebase/rebase.js';
import { continueRebase } from '../../repo/rebase/settle-rebase.js';
import type { Repository } from '../../repo/repository.js';
import type { WhatIsLeft } from '../conflict-text.js';
import type { AgentContext } from '../context.js';
import { painter, printText } from '../output.js';
import { formatRebase } from '../rebase-text.js';
import { answerQuestion, answersSoFar, type Drafts } from './answer-question.js';
import { ask } from './ask.js';
import { choicesAtTheEnd, choicesFor } from './choices.js';
import { formatQuestion, type ShownConflict } from './show-question.js';
import { readShownConflict } from './shown-conflicts.js';
import { currentQuestion, startWalk, takeStep } from './walk.js';

/** How a walk ended. */
export interface WalkedConflicts extends WhatIsLeft {
  /** Undefined unless the person wanted the merge committed at the end, or the rebase to go on. */
  readonly finished: FinishedMerge | RebasedFurther | undefined;
}

/**
 * Walks a person through the open conflicts on their terminal, and keeps each answer as soon as it is given.
 *
 * Where a rebase goes on and stops again, so does the walk.
 *
 * @param asked the artifact to keep to; all when left out
 * @throws {SyncError} `MERGE_NOT_IN_PROGRESS`, `ARTIFACT_UNKNOWN`, `ARTIFACT_AMBIGUOUS`; `ABORTED` after Ctrl-C, which takes
 *   nothing back
 */
export async function walkConflicts(context: AgentContext, repo: Repository, asked?: string): Promise<WalkedConflicts> {
  for (let only = asked; ; only = undefined) {
    const walked = await walkStep(context, repo, only);
    const { finished } = walked;
    if (!finished || !('status' in finished) || finished.status !== 'conflicted') return walked;
    printText(context, `${formatRebase(finished).join('\n')}\n\n`);
  }
}

async function walkStep(context: AgentContext, repo: Repository, asked: string | undefined): Promise<WalkedConflicts> {
  const conflicts = await readOpenConflicts(repo, asked);
  const drafts: Drafts = new Map();
  let walk = startWalk<HunkAnswer>(conflicts.map(({ conflict: { path } }) => answersSoFar(repo.store, path)));
  for (;;) {
    const question = currentQuestion(walk);
    if (!question) {
      const left = whatIsLeft(repo.store);
      const message = left.rebasing ? GO_ON : COMMIT;
      const key = left.open > 0 ? 'n' : await ask(context, message, choicesAtTheEnd(left), interrupted(left));
      if (key !== 'p') return { ...left, finished: key === 'y' ? await finish(repo, left) : undefined };
      walk = takeStep(walk, { do: 'back' });
      continue;
    }
    const shown = conflicts[question.conflict]!;
    printText(context, formatQuestion(shown, question, conflicts.length, painter(context)));
    const what = question.hunk === null ? 'Which version?' : 'Which lines?';
    const key = await ask(
      context,
      what,
      choicesFor(shown, question, walk.at === 0),
      interrupted(whatIsLeft(repo.store)),
    );
    if (key === 'q') return { ...whatIsLeft(repo.store), finished: undefined };
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

function whatIsLeft(store: Store): WhatIsLeft {
  const { conflicts, rebase } = mergeInProgress(store);
  const open = conflicts.filter(({ resolution }) => resolution === undefined).length;
  return { open, rebasing: rebase !== undefined };
}

function finish(repo: Repository, { rebasing }: WhatIsLeft): Promise<FinishedMerge | RebasedFurther> {
  return rebasing ? continueRebase(repo) : continueMerge(repo);
}

const COMMIT = 'Every conflict is settled. Commit the merge?';
const GO_ON = 'Every conflict is settled. Go on with the rebase?';

function interrupted({ rebasing }: WhatIsLeft): { readonly message: string; readonly hint: string } {
  const what = rebasing ? 'rebase' : 'merge';
  return {
    message: `interrupted; what you answered is kept, and the ${what} waits`,
    hint: `Go on with 'agent sync resolve', or go back to before the ${what} with 'agent sync ${what} --abort'.`,
  };
}
