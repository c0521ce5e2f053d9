import type { Oid } from '../object/oid.js';
import type { AnswerChange, ConflictAnswer, FileVersion, MergeChange, RecordedMerge } from '../ports.js';

/** How a merge in progress changed; null when it did not. Of answers to conflicts only those that differ are named. */
export function compareMerges(before: RecordedMerge | null, after: RecordedMerge | null): MergeChange | null {
  if (isSame(before, after)) return null;
  if (!before || !after || !isSame(withoutAnswers(before), withoutAnswers(after))) return { before, after };
  const answers: AnswerChange[] = before.conflicts.flatMap((conflict, i) => {
    const now = after.conflicts[i]!;
    return isSame(conflict, now) ? [] : [{ path: conflict.path, before: answerOf(conflict), after: answerOf(now) }];
  });
  return { answers };
}

/**
 * The merge in progress before a change.
 *
 * @param now the one after it, or one that was answered further elsewhere
 * @returns undefined when `now` is not what the change left
 */
export function beforeMergeChange(now: RecordedMerge | null, change: MergeChange): RecordedMerge | null | undefined {
  if ('before' in change) return isSame(now, change.after) ? change.before : undefined;
  const changes = new Map(change.answers.map((answer) => [answer.path, answer]));
  const met = now?.conflicts.filter((conflict) => {
    const answer = changes.get(conflict.path);
    return answer && isSame(answerOf(conflict), answer.after);
  });
  if (!now || met?.length !== changes.size) return undefined;
  const conflicts = now.conflicts.map((conflict) => {
    const { path, kind, base, ours, theirs, message, hunks } = conflict;
    const answer = changes.get(path)?.before;
    // As the store reads it, so that the two can be compared.
    return answer ? { path, kind, base, ours, theirs, message, hunks, ...answerOf(answer) } : conflict;
  });
  return { ...now, conflicts };
}

/** Tells whether two are the same merge, whatever was answered since. */
export function isSameMerge(a: RecordedMerge | null, b: RecordedMerge | null): boolean {
  return isSame(a && withoutAnswers(a), b && withoutAnswers(b));
}

/** Every object that a change names. */
export function* objectsOfMergeChange(change: MergeChange): Generator<Oid> {
  if ('answers' in change) {
    for (const { before, after } of change.answers) yield* [...objectsOfAnswer(before), ...objectsOfAnswer(after)];
    return;
  }
  for (const state of [change.before, change.after]) if (state) yield* objectsOfMerge(state);
}

function* objectsOfMerge({ ours, theirs, tree, before, conflicts, rebase }: RecordedMerge): Generator<Oid> {
  yield tree;
  yield* [ours, theirs, ...before.map(({ oid }) => oid)].filter((oid) => oid !== null);
  for (const conflict of conflicts) {
    yield* objectsOf([conflict.base, conflict.ours, conflict.theirs]);
    yield* objectsOfAnswer(conflict);
  }
  if (!rebase) return;
  const { head, onto, done, todo } = rebase;
  yield* [head, onto, ...todo, ...done.flatMap(({ from, to }) => (to === null ? [from] : [from, to]))];
}

function objectsOfAnswer({ partial, resolution }: ConflictAnswer): Oid[] {
  return objectsOf([partial, resolution ?? null]);
}

function objectsOf(versions: readonly (FileVersion | null)[]): Oid[] {
  // A submodule's commit is in no store.
  return versions.flatMap((version) => (version && version.mode !== '160000' ? [version.oid] : []));
}

function answerOf({ answers, partial, resolution }: ConflictAnswer): ConflictAnswer {
  return { answers, partial, resolution };
}

function withoutAnswers(state: RecordedMerge): unknown {
  const conflicts = state.conflicts.map(({ answers: _, partial: __, resolution: ___, ...conflict }) => conflict);
  return { ...state, conflicts };
}

/** Both come from the store, which names the same things in the same order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
