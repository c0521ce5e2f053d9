import type { NewArtifactResult } from '../repo/artifacts/new-artifact.js';
import { type Answer, describeFailure, plain } from './output.js';
import { formatPush } from './push-text.js';

/** What the `new-…` commands say. A push that did not get through is a "no": the artifact is committed, but only here. */
export function answerNewArtifact(made: NewArtifactResult): Answer {
  const lines = [`Made ${made.id}: .agent/cache/${plain(made.path)}`];
  const { push } = made;
  if (push.status === 'rejected') lines.push('It is committed here, but was not pushed:', formatPush(push));
  if (push.status === 'conflicted') {
    lines.push(
      'It is committed here, but not pushed: a pull on the way found conflicts.',
      ...push.conflicts.map(({ path, kind }) => `  ${kind ?? 'conflict'}: ${plain(path)}`),
      "Settle each with 'agent sync resolve', run 'agent sync merge --continue', then push.",
    );
  }
  if (push.status === 'queued') {
    lines.push("It is committed here; pushing it is queued ('agent sync queue').");
    return { text: lines.join('\n'), document: made };
  }
  if (push.status === 'failed') {
    const { code, message } = push.error;
    lines.push(
      `It is committed here, but is not known to be pushed: ${plain(message)} [${code}]`,
      "Send it with 'agent sync push'; making it again would make another one.",
    );
    return {
      text: lines.join('\n'),
      document: { ...made, push: { ...push, error: describeFailure(push.error) } },
      code: 1,
    };
  }
  // Up to date is what a killed command finds when it is run again.
  const isPushed = push.status === 'pushed' || push.status === 'up-to-date';
  return { text: lines.join('\n'), document: made, code: isPushed ? 0 : 1 };
}
