import { actorEmail } from '../core/object/commit.js';
import type { Actor } from '../core/ports.js';

/**
 * Writes the mailmap by which git shows actors' names, since a commit holds only their ids.
 *
 * @see gitmailmap(5)
 */
export function formatMailmap(actors: Iterable<Actor>): string {
  const lines = [...actors].map(({ id, name, email }) => {
    const proper = [quiet(name).replace(/^#+\s*/, ''), email && `<${quiet(email)}>`].filter(Boolean).join(' ');
    return proper && `${proper} <${actorEmail(id)}>\n`;
  });
  return lines.sort().join('');
}

/** Without what would end the name, the address or the line. */
function quiet(text: string): string {
  return text.replace(/[<>\p{Cc}]+/gu, ' ').trim();
}
