import type { NewArtifactResult } from '../repo/new-artifact.js';
import { type Answer, plain } from './output.js';
import { formatPush } from './push-text.js';

/** What the `new-…` commands say. A push that lost every race is a "no": the artifact is committed, but only here. */
export function answerNewArtifact(made: NewArtifactResult): Answer {
  const lines = [`Made ${made.id}: .agent/cache/${plain(made.path)}`];
  if (made.push.status === 'rejected') lines.push('It is committed here, but was not pushed:', formatPush(made.push));
  return { text: lines.join('\n'), document: made, code: made.push.status === 'rejected' ? 1 : 0 };
}
