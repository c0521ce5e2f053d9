import type { Conflict } from '../ports.js';

/**
 * Tells whether a text has in it what a merge left of one within: a conflict between markers of eight characters.
 *
 * Git writes them where the contents of a renamed file are in conflict as well as its name; the versions of such a conflict can
 * have them already.
 */
export function keepsNestedMarkers(text: string, { kind }: Pick<Conflict, 'kind'>): boolean {
  if (kind !== 'rename/rename' && kind !== 'rename involved in collision') return false;
  let rest = text;
  for (const marker of [/^<{8} /m, /^={8}\r?$/m, /^>{8} /m]) {
    const at = rest.search(marker);
    if (at < 0) return false;
    rest = rest.slice(at);
  }
  return true;
}
