/** A question of a walk: a hunk of a conflict, by number from 0, or the whole of one that has no hunks. */
export interface Question {
  readonly conflict: number;
  readonly hunk: number | null;
}

/** Where a person is on their way through the open conflicts, and what they have answered. */
export interface Walk<Answer> {
  readonly questions: readonly Question[];
  /** Which question is next; the number of questions when there is none left. */
  readonly at: number;
  /** By question. */
  readonly answers: readonly (Answer | null)[];
}

/** What can be done about a question. */
export type Step<Answer> =
  | { readonly do: 'answer'; readonly answer: Answer }
  | { readonly do: 'skip' }
  | { readonly do: 'back' };

/**
 * Lays out a walk that begins at the first question without an answer.
 *
 * @param conflicts the answers that each conflict's hunks have already, null for none; empty for a conflict without hunks
 */
export function startWalk<Answer>(conflicts: readonly (readonly (Answer | null)[])[]): Walk<Answer> {
  const questions = conflicts.flatMap((hunks, conflict): Question[] =>
    hunks.length === 0 ? [{ conflict, hunk: null }] : hunks.map((_, hunk) => ({ conflict, hunk })),
  );
  const answers = conflicts.flatMap((hunks) => (hunks.length === 0 ? [null] : hunks));
  return { questions, at: nextOpen(answers, 0), answers };
}

/**
 * Takes one step: forward to the next question without an answer, or back to the one before.
 *
 * Skipping leaves a question as it is, with the answer that it may have had.
 */
export function takeStep<Answer>(walk: Walk<Answer>, step: Step<Answer>): Walk<Answer> {
  const { at } = walk;
  if (step.do === 'back') return { ...walk, at: Math.max(at - 1, 0) };
  const answers = step.do === 'answer' ? walk.answers.with(at, step.answer) : walk.answers;
  return { ...walk, at: nextOpen(answers, at + 1), answers };
}

/** The next question; undefined at the end. */
export function currentQuestion<Answer>({ questions, at }: Walk<Answer>): Question | undefined {
  return questions[at];
}

/** The answers to one conflict: by hunk, or a single one where it has none. */
export function answersTo<Answer>({ questions, answers }: Walk<Answer>, conflict: number): (Answer | null)[] {
  return answers.filter((_, i) => questions[i]!.conflict === conflict);
}

function nextOpen(answers: readonly unknown[], from: number): number {
  const next = answers.indexOf(null, from);
  return next < 0 ? answers.length : next;
}
