import type { ArtifactKind } from '../core/ports.js';
import type { SchemaError, Validator } from '../core/schema-validator.js';
import { readFacts } from './facts.js';
import { readHead } from './head.js';
import { readHeadings } from './outline.js';
import type { Problem } from './problem.js';
import { REQUIRED_SECTIONS, type SchemaInput } from './schema.js';
import { STATES } from './states.js';
import { readTitle } from './title.js';
import { validatePlan, validateRunbook, validateStory } from './validators.js';

const VALIDATORS: Readonly<Record<ArtifactKind, Validator>> = {
  plan: validatePlan,
  story: validateStory,
  runbook: validateRunbook,
};

/**
 * Holds new content to the schema of its kind: everything that import would only warn of, a known state, the sections.
 *
 * @param path below `.agent/cache`
 * @returns every problem, by line; empty when the content may be stored
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a path that no artifact can have
 */
export function validateArtifact(path: string, text: string): Problem[] {
  const { kind, id, state, stateLine, warnings } = readFacts(path, text);
  const { title, frontmatter } = readHead(text);
  const sections = Object.fromEntries(readHeadings(text).map((heading) => [heading.text.toLowerCase(), heading.line]));
  const named = frontmatter?.values.get('title')?.value ?? (title ? readTitle(title.text, id).title : '');
  const input: SchemaInput = { id, title: named, state, sections };

  const validator = VALIDATORS[kind];
  if (validator(input)) return [...warnings];
  const lines = { id: 1, title: title?.line ?? 1, state: stateLine ?? 1, sections: lastLine(text) };
  const problems = (validator.errors ?? [])
    .map((error) => explain(error, input, kind, lines))
    .filter((problem) => !warnings.some((warning) => subject(warning) === subject(problem)));
  return [...warnings, ...problems].sort((a, b) => a.line - b.line);
}

/**
 * The problems that a change brings in: those of the new text that none of the texts it was made from has already.
 *
 * An artifact that was imported with oddities can so be edited, or merged, without mending all of them first.
 *
 * @throws {SyncError} `PATH_OUTSIDE_CACHE`
 */
export function validateChange(path: string, before: readonly string[], after: string): Problem[] {
  const known = new Set(before.flatMap((text) => validateArtifact(path, text)).map(signature));
  return validateArtifact(path, after).filter((problem) => !known.has(signature(problem)));
}

function explain(
  error: SchemaError,
  input: SchemaInput,
  kind: ArtifactKind,
  lines: Readonly<Record<keyof SchemaInput, number>>,
): Problem {
  const property = error.instancePath.slice(1) as keyof SchemaInput;
  const line = lines[property];
  switch (property) {
    case 'id':
      return { line, code: 'ID_MISSING', message: 'the file name does not begin with an id such as INFRA-004' };
    case 'title':
      return { line, code: 'TITLE_MISSING', message: 'the title says nothing besides the id' };
    case 'state':
      return {
        line,
        code: 'STATE_UNKNOWN',
        message: `a ${kind} cannot be '${input.state}'; its states are ${STATES[kind].join(', ')}`,
      };
    case 'sections': {
      const missing = REQUIRED_SECTIONS[kind].find((name) => name.toLowerCase() === error.params.missingProperty);
      return { line, code: 'SECTION_MISSING', message: `there is no section '## ${missing}'` };
    }
  }
}

/** What a problem is about; of two that are about the same, the reading's own says more than the schema's. */
function subject({ code }: Problem): string {
  return code.slice(0, code.indexOf('_'));
}

function signature({ code, message }: Problem): string {
  return `${code} ${message}`;
}

function lastLine(text: string): number {
  return Math.max(1, text.trimEnd().split('\n').length);
}
