import type { LineRange } from '../../core/ports.js';
import { ID_TAIL } from '../draft-handle.js';
import { LINK_SECTION } from '../links.js';
import type { Named } from './document.js';
import { isBlank } from './lines.js';

/** An id such as `ADR-005`, or one that is still to be filled in, such as `ADR-XXX`. */
const ID = new RegExp(`(?<![A-Za-z0-9])[A-Z][A-Z0-9]*-(?:${ID_TAIL}|X+)(?![A-Za-z0-9])`);
/** Neither kind of address goes on where another could begin: so a line is looked at once, however many do and do not end. */
const ADDRESS = /\]\(([^)\]\s]+)\)|<([a-z]+:[^<>\s]+)>|(https?:\S+)/;
/** A line that is nothing but a link. */
const BARE = new RegExp(
  `^(?:\\[[^\\]]*\\]\\([^)\\s]*\\)|<[a-z]+:[^>\\s]+>|https?:\\S+|(?:[A-Z]+-)?[A-Z][A-Z0-9]*-${ID_TAIL})$`,
);
/** What stands for no link, with or without a reason. */
const NONE = /^[(_*]*(?:none|n\/a)(?![A-Za-z0-9])/i;
const ITEM = /^[-*+][ \t]+(\S.*)$/;

/**
 * The lines of a section that lists links, each by what it links to: a section such as `Linked ADRs`, or any whose items
 * are nothing but links; undefined when there is anything else in it.
 *
 * @param heading empty for a part without one
 * @param range the section's own lines, its heading the first of them
 */
export function linkItems(heading: string, lines: readonly string[], range: LineRange): Named[] | undefined {
  const items: Named[] = [];
  const known = LINK_SECTION.test(heading);
  if (heading === '') return undefined;
  for (let line = range.start + 1; line < range.end; line++) {
    const text = lines[line]!.trimEnd();
    if (isBlank(text)) continue;
    const content = ITEM.exec(text)?.[1];
    const name = known ? linkName(content ?? text, content !== undefined) : content && bareName(content);
    if (!name) return undefined;
    items.push({ name, start: line, end: line + 1 });
  }
  return known || items.length > 0 ? items : undefined;
}

function linkName(text: string, isItem: boolean): string | undefined {
  if (NONE.test(text)) return 'none';
  return isItem ? target(text) : bareName(text);
}

function bareName(text: string): string | undefined {
  return BARE.test(text) ? target(text) : undefined;
}

function target(text: string): string | undefined {
  const address = ADDRESS.exec(text);
  return ID.exec(text)?.[0] ?? address?.[1] ?? address?.[2] ?? address?.[3];
}
