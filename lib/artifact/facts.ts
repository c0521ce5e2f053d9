import type { ArtifactKind } from '../core/ports.js';
import { type Head, readHead } from './head.js';
import { type ArtifactName, requireArtifactPath } from './path.js';
import type { Problem } from './problem.js';
import { readTitle } from './title.js';

/** What the index keeps of an artifact, and what is odd about it. */
export interface ArtifactFacts {
  readonly kind: ArtifactKind;
  /** As in the file name, such as `INFRA-004`; empty where the file name has none. */
  readonly id: string;
  /** Without the id, unless it says nothing else; empty when the document has no title. */
  readonly title: string;
  /** As written, such as `REVIEW_NEEDED`, from a section at need; null when there is none that can be read. */
  readonly state: string | null;
  /** The line of the state, or of what stands in its place; null when there is neither. */
  readonly stateLine: number | null;
  /** By line. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads an artifact leniently: nothing is refused, what is odd is reported.
 *
 * @param path below `.agent/cache`
 * @throws {SyncError} `PATH_OUTSIDE_CACHE` for a path that no artifact can have
 */
export function readFacts(path: string, text: string): ArtifactFacts {
  const name = requireArtifactPath(path);
  const head = readHead(text);
  const titled = head.title && readTitle(head.title.text, name.id);
  const title = head.frontmatter?.values.get('title')?.value ?? (titled?.title || head.title?.text || '');
  const state = head.state?.text ? head.state : (head.stateOfSection ?? head.state);
  const warnings = [...frontmatterWarnings(head), ...idWarnings(name, head, title), ...stateWarnings(head)];
  return {
    kind: name.kind,
    id: name.id,
    title,
    state: state?.state ?? null,
    stateLine: state?.line ?? null,
    warnings: warnings.sort((a, b) => a.line - b.line),
  };
}

/** Artifacts that share kind and id, which only one may bear: groups of two and more, each sorted by path. */
export function findDuplicateIds<
  Row extends { readonly kind: ArtifactKind; readonly id: string; readonly path: string },
>(rows: Iterable<Row>): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.id === '') continue;
    const key = `${row.kind} ${row.id}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => (a.path < b.path ? -1 : 1)));
}

function frontmatterWarnings(head: Head): Problem[] {
  const error = head.frontmatter?.error;
  return error ? [{ line: error.line, code: 'FRONTMATTER_INVALID', message: error.message }] : [];
}

function idWarnings(name: ArtifactName, head: Head, title: string): Problem[] {
  const line = head.title?.line ?? 1;
  const warnings: Problem[] = [];
  if (name.id === '') {
    warnings.push({
      line: 1,
      code: 'ID_MISSING',
      message: 'the file name does not begin with an id such as INFRA-004',
    });
  }
  if (title === '') return [...warnings, { line, code: 'TITLE_MISSING', message: 'there is no title' }];
  if (name.id === '' || !head.title) return warnings;

  const { id } = readTitle(head.title.text, name.id);
  if (id === name.id) return warnings;
  warnings.push(
    id
      ? { line, code: 'ID_MISMATCH', message: `the title says ${id}, the file name ${name.id}` }
      : { line, code: 'TITLE_WITHOUT_ID', message: `the title does not name ${name.id}` },
  );
  return warnings;
}

function stateWarnings({ state, stateOfSection, stateInText }: Head): Problem[] {
  if (state?.state) {
    if (!stateInText || stateInText.state === state.state) return [];
    const message = `the text says ${quote(stateInText.text)}, the frontmatter ${state.state}`;
    return [{ line: stateInText.line, code: 'STATE_AMBIGUOUS', message }];
  }
  if (state && state.text !== '') {
    return [{ line: state.line, code: 'STATE_UNREADABLE', message: `${quote(state.text)} is not a state` }];
  }
  if (stateOfSection) {
    const message = `${stateOfSection.text} is the state of a section; the document gives none of its own`;
    return [{ line: stateOfSection.line, code: 'STATE_IN_SECTION', message }];
  }
  return [{ line: state?.line ?? 1, code: 'STATE_MISSING', message: 'no state is given' }];
}

function quote(text: string): string {
  return `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`;
}
