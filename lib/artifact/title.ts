/** What a title's heading says. */
export interface TitleFacts {
  /** Without the id and words such as `STORY-ID:` before it; the whole heading when nothing else is left. */
  readonly title: string;
  /** Every id named in it, such as `INFRA-004`, in order. */
  readonly ids: readonly string[];
  /** Tells whether the heading begins with an id, so that the first of `ids` is meant as the artifact's own. */
  readonly startsWithId: boolean;
}

const LABEL = /^(?:(?:STORY|PLAN|RUNBOOK)(?:-ID)?\s*:\s*)+/i;
const ID_BEFORE = /^(?:STORY-|PLAN-|RUNBOOK-)?(?:[A-Z][A-Z0-9]*-)?\d+(?:\s*[:–—-]\s+|\s*:\s*|\s+|$)/;
const ID_FIRST = /^(?:STORY-|PLAN-|RUNBOOK-)?[A-Z][A-Z0-9]*-\d/;
const IDS = /[A-Z][A-Z0-9]*-\d+/g;

/** Reads the forms that titles take: `INFRA-004: X`, `STORY-INFRA-004: X`, `STORY-ID: INFRA-004: X`, `Runbook: X`. */
export function readTitle(heading: string): TitleFacts {
  const labelled = heading.replace(LABEL, '');
  return {
    title: labelled.replace(ID_BEFORE, '').trim() || heading.trim(),
    ids: heading.match(IDS) ?? [],
    startsWithId: ID_FIRST.test(labelled),
  };
}
