import type { ChangeResult } from '../repo/artifacts/change-artifact.js';
import { formatFinding, isReplaced, type PlacedFinding } from '../repo/privacy/gate.js';
import { shorten } from './commit-text.js';
import { type Answer, plain } from './output.js';

function noteFinding(finding: PlacedFinding): string {
  return `warning: ${formatFinding(finding)}, ${isReplaced(finding) ? 'redacted' : 'left as it is'}`;
}

/** What `edit`, `set-state` and `rm` say. */
export function answerChange(result: ChangeResult, verb = 'Changed'): Answer {
  const text =
    result.status === 'unchanged'
      ? `Nothing to change in ${plain(result.path)}.`
      : `${verb} ${plain(result.path)} in ${shorten(result.commit)}.`;
  const { findings = [] } = result.status === 'committed' ? result : {};
  return { text, document: result, notes: findings.map(noteFinding) };
}
