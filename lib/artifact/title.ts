import { ID_TAIL } from './draft-handle.js';

/** What a title's heading says. */
export interface TitleFacts {
  /** Without the id and words such as `STORY-ID:` before it; empty when nothing else is there. */
  readonly title: string;
  /** The id that the heading gives: `own` if it names it anywhere, else the one that it begins with. */
  readonly id: string | undefined;
}

const LABEL = /^(?:(?:STORY|PLAN|RUNBOOK)(?:-ID)?\s*:\s*)+/i;
const ID_BEFORE = new RegExp(
  `^(?:(?:STORY|PLAN|RUNBOOK)-)?([A-Z][A-Z0-9]*-${ID_TAIL})(?![A-Za-z0-9])(\\s*:\\s*|\\s+[–—-]\\s+|\\s+|$)`,
);
const NUMBER_BEFORE = /^\d+:\s+/;
const IDS = new RegExp(`(?<![A-Za-z0-9])(?:(?:STORY|PLAN|RUNBOOK)-)?([A-Z][A-Z0-9]*-${ID_TAIL})(?![A-Za-z0-9])`, 'g');

/**
 * Reads the forms that titles take: `INFRA-004: X`, `STORY-INFRA-004: X`, `STORY-ID: INFRA-004: X`, `Runbook: X`.
 *
 * @param own the artifact's id, which needs no colon after it; another one does, or `UTF-8 in names` would begin with one
 */
export function readTitle(heading: string, own: string): TitleFacts {
  const labelled = heading.replace(LABEL, '');
  const before = ID_BEFORE.exec(labelled);
  const first = before && (before[1] === own || before[2]!.trim() !== '') ? before[1] : undefined;
  const named = [...heading.matchAll(IDS)].some((match) => match[1] === own);
  return {
    title: labelled
      .slice(first ? before![0].length : 0)
      .replace(first ? '' : NUMBER_BEFORE, '')
      .trim(),
    id: named ? own : first,
  };
}
