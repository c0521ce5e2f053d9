import type { Conflict } from '../ports.js';

/** Tells whether a merge may have left markers within the versions of a conflict: contents and names were both in conflict. */
export function mayNestMarkers({ kind }: Pick<Conflict, 'kind'>): boolean {
  return kind === 'rename/rename' || kind === 'rename involved in collision';
}

/** Tells whether a text has a conflict in it as git marks it within others, between markers of eight characters. */
export function hasNestedMarkers(text: string): boolean {
  let rest = text;
  for (const marker of [/^<{8} /m, /^={8}\r?$/m, /^>{8} /m]) {
    const at = rest.search(marker);
    if (at < 0) return false;
    rest = rest.slice(at);
  }
  return true;
}
