import type { ArtifactKind } from '../core/ports.js';
import { firstState } from './states.js';

/** What a new document is made of. */
export interface NewDocument {
  readonly id: string;
  readonly title: string;
  /** The first of the kind's states when left out. */
  readonly state?: string;
  /** The id of the Story that a Plan or Runbook is about. */
  readonly story?: string;
}

/** Writes a new document that passes `validateArtifact`: a Plan, Story or Runbook for people to fill in. */
export function renderTemplate(kind: ArtifactKind, document: NewDocument): string {
  const heading = `# ${document.id}: ${oneLine(document.title)}`;
  const state = document.state ?? firstState(kind);
  return `${[heading, `## State\n\n${state}`, ...SECTIONS[kind](document)].join('\n\n')}\n`;
}

const SECTIONS: Readonly<Record<ArtifactKind, (document: NewDocument) => string[]>> = {
  plan: ({ story }) => [
    `## Related Story\n\n${story ?? 'None yet.'}`,
    '## Summary\n\nWhat is to change, and for whom, in a few sentences.',
    '## Objectives\n\n- The first thing that will be true when this is done',
    '## Milestones\n\n- M1: the first point at which something works from end to end',
    '## Risks & Mitigations\n\n- Risk: what could go wrong\n  - Mitigation: what is done about it',
    '## Verification\n\nHow anyone can see that the objectives are met.',
  ],
  story: () => [
    '## Problem Statement\n\nWhat is wrong or missing today, and who notices.',
    '## User Story\n\nAs a **role**, I want **something** so that **it is of this use to me**.',
    [
      '## Acceptance Criteria',
      '',
      '- [ ] **Main case**: given a situation, when something is done, then this can be seen.',
      '- [ ] **Error case**: given bad input, then the error says what to do and nothing is lost.',
    ].join('\n'),
    '## Non-Functional Requirements\n\n- Performance, security, privacy, observability: the ones that matter here',
    '## Linked ADRs\n\nNone yet.',
    '## Linked Journeys\n\nNone yet.',
    '## Impact Analysis Summary\n\nComponents touched:\n\nWorkflows affected:\n\nRisks identified:',
    '## Test Strategy\n\nHow the acceptance criteria are checked.',
    '## Rollback Plan\n\nHow to go back if it does not work out.',
  ],
  runbook: ({ story }) => [
    ...(story ? [`## Related Story\n\n${story}`] : []),
    '## Goal Description\n\nWhat the steps below achieve, and why it is wanted.',
    '## Linked Journeys\n\nNone yet.',
    '## Implementation Steps\n\n### Step 1: What changes\n\nWhich files change, and how.',
    '## Verification Plan\n\n- [ ] The command to run, and what it shows when all is well',
    '## Definition of Done\n\n- [ ] Tests and documentation are up to date',
  ],
};

/** A heading is one line, and ` #` at its end would not belong to it. */
function oneLine(title: string): string {
  return title
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/(?<= |^)(#+)$/, '\\$1');
}
