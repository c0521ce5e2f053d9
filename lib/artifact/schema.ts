import type { ArtifactKind } from '../core/ports.js';
import { ID_TAIL } from './draft-handle.js';
import { STATES } from './states.js';

/** What the schema is about: an artifact as its reading gives it. */
export interface SchemaInput {
  readonly id: string;
  readonly title: string;
  readonly state: string | null;
  /** The line of each section, by its heading in lowercase. */
  readonly sections: Readonly<Record<string, number>>;
}

/** The sections that a document of each kind cannot do without. */
export const REQUIRED_SECTIONS: Readonly<Record<ArtifactKind, readonly string[]>> = {
  plan: ['Summary', 'Objectives', 'Verification'],
  story: ['Problem Statement', 'User Story', 'Acceptance Criteria'],
  runbook: ['Goal Description', 'Implementation Steps', 'Verification Plan'],
};

function schemaOf(kind: ArtifactKind) {
  return {
    type: 'object',
    required: ['id', 'title', 'state', 'sections'],
    properties: {
      id: { type: 'string', pattern: `^[A-Z][A-Z0-9]*-${ID_TAIL}$` },
      title: { type: 'string', minLength: 1 },
      state: { enum: STATES[kind] },
      sections: { type: 'object', required: REQUIRED_SECTIONS[kind].map((name) => name.toLowerCase()) },
    },
  };
}

/** The JSON schemas of new content; `bin/validators.mjs` compiles them when the package is built. */
export const planSchema = schemaOf('plan');
export const storySchema = schemaOf('story');
export const runbookSchema = schemaOf('runbook');
