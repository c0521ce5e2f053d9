import type { Nodes } from 'mdast';
import { ID_TAIL } from './draft-handle.js';

/** A place where a document points elsewhere. */
export interface Link {
  /** An id such as `ADR-001`, or the address as written, such as `../plans/INFRA/INFRA-008.md` or `https://…`. */
  readonly target: string;
  readonly form: 'id' | 'address';
  /** The heading above it, such as `Linked ADRs`. */
  readonly section: string | undefined;
  /** Counted from 1. */
  readonly line: number;
}

const ID = new RegExp(`(?<![A-Za-z0-9])(?:(?:STORY|PLAN|RUNBOOK)-)?(([A-Z][A-Z0-9]*)-${ID_TAIL})(?![A-Za-z0-9])`, 'g');
/** Headings of sections that say what a document has to do with. */
export const LINK_SECTION = /^(?:linked|related|parent|child|supersedes|depends)\b/i;
/** Ids of decisions, journeys and exceptions, which are not artifacts but have ids of the same form. */
const KNOWN_PREFIXES = ['ADR', 'JRN', 'EXC'];

/**
 * Lists a document's links: Markdown links, and ids in its text, code left out.
 *
 * Outside sections such as `Linked ADRs`, an id counts only if its prefix is the document's own, a known one, or used in
 * such a section: `UTF-8` and `SHA-256` are no ids.
 *
 * @param ownId not listed; a document does not link to itself
 * @param sectionAt the heading above a line
 */
export function findLinks(tree: Nodes, ownId: string, sectionAt: (line: number) => string | undefined): Link[] {
  const found = [...walk(tree)].map((link) => ({ ...link, section: sectionAt(link.line) }));
  const inSections = found.filter(({ prefix, section }) => prefix && section && LINK_SECTION.test(section));
  const prefixes = new Set([...KNOWN_PREFIXES, prefixOf(ownId), ...inSections.map(({ prefix }) => prefix)]);
  const seen = new Set<string>();
  return found
    .filter(({ target, form, prefix }) => form === 'address' || (prefixes.has(prefix) && target !== ownId))
    .filter(({ target, line }) => !seen.has(`${line} ${target}`) && seen.add(`${line} ${target}`))
    .map(({ target, form, section, line }) => ({ target, form, section, line }));
}

interface Found {
  readonly target: string;
  readonly form: Link['form'];
  readonly prefix: string | undefined;
  readonly line: number;
}

function* walk(node: Nodes): Generator<Found> {
  const line = node.position?.start.line ?? 1;
  if (node.type === 'text') yield* idsIn(node.value, line);
  if (node.type === 'link' || node.type === 'definition') {
    yield { target: node.url, form: 'address', prefix: undefined, line };
  }
  if ('children' in node) for (const child of node.children) yield* walk(child);
}

function* idsIn(text: string, firstLine: number): Generator<Found> {
  for (const [i, content] of text.split(/\r?\n/).entries()) {
    for (const [, target, prefix] of content.matchAll(ID)) {
      yield { target: target!, form: 'id', prefix, line: firstLine + i };
    }
  }
}

function prefixOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('-')));
}
