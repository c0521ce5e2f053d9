import { SyncError } from '../core/errors.js';
import { findFrontmatter } from './frontmatter-range.js';
import { type FoundState, readHead } from './head.js';
import { requireArtifactPath } from './path.js';
import { STATES } from './states.js';

/**
 * Writes another state where the document has its own, and changes nothing else; a document without one gets a section
 * `## State` below its title.
 *
 * @param path below `.agent/cache`
 * @throws {SyncError} `ARTIFACT_INVALID` when the kind has no such state, `PATH_OUTSIDE_CACHE`
 */
export function replaceState(path: string, text: string, state: string): string {
  const { kind } = requireArtifactPath(path);
  if (!STATES[kind].includes(state)) {
    throw new SyncError('ARTIFACT_INVALID', `a ${kind} cannot be '${state}'`, {
      hint: `The states of a ${kind} are ${STATES[kind].join(', ')}.`,
    });
  }
  const head = readHead(text);
  if (head.state) return splice(text, head.state, state);
  const at = head.title?.next ?? startOfText(text);
  return insertSection(text, at, state);
}

function splice(text: string, found: FoundState, state: string): string {
  const before = text.slice(0, found.start);
  const after = text.slice(found.end);
  if (found.text !== '') return before + state + after;
  const eol = lineEnding(text);
  if (before.endsWith('\n')) return before + state + eol + after;
  return found.inFrontmatter ? `${before.trimEnd()} ${state}${after}` : before + eol + state + eol + after;
}

function insertSection(text: string, at: number, state: string): string {
  const eol = lineEnding(text);
  const before = text.slice(0, at);
  const after = text.slice(at);
  const gapBefore = before === '' || before === '\ufeff' ? '' : before.endsWith('\n') ? eol : eol + eol;
  const gapAfter = after === '' || /^[ \t]*\r?\n/.test(after) ? '' : eol;
  return `${before}${gapBefore}## State${eol}${eol}${state}${eol}${gapAfter}${after}`;
}

function startOfText(text: string): number {
  return findFrontmatter(text)?.next ?? (text.startsWith('\ufeff') ? 1 : 0);
}

function lineEnding(text: string): string {
  const newline = text.indexOf('\n');
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}
