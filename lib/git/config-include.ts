import { readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Where a configuration text stands; paths are absolute. */
export interface ConfigPlace {
  readonly file: string;
  readonly home: string;
  /** Undefined outside of a repository. */
  readonly gitDir: string | undefined;
}

const MAX_DEPTH = 10;
const SECTION = /^\s*\[\s*([a-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/i;
const PATH = /^path\s*=(.*)$/i;

/**
 * Puts the files that a configuration includes in the place of its `include.path` and `includeIf.gitdir:` lines, which
 * is how many people keep one address for work and another for everything else. Other conditions never hold.
 *
 * @see git-config(1), Includes and Conditional includes
 */
export function expandIncludes(text: string, place: ConfigPlace, depth = 0): string {
  if (depth > MAX_DEPTH || !/^[ \t]*\[[ \t]*include/im.test(text)) return text;
  let included = false;
  return text
    .split('\n')
    .map((line) => {
      const section = SECTION.exec(line);
      if (section) included = isIncluded(section[1]!.toLowerCase(), section[2] ?? '', place);
      const path = included && PATH.exec(line.trim())?.[1]?.trim().replace(/^"|"$/g, '').trim();
      if (!path) return line;
      const file = expandPath(path, place);
      return expandIncludes(readIfThere(file), { ...place, file }, depth + 1);
    })
    .join('\n');
}

/** A file's text; empty for one that is not there or not ours to read, as git has it. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isIncluded(section: string, condition: string, place: ConfigPlace): boolean {
  if (section === 'include') return condition === '';
  const [, ignoreCase, pattern] = /^gitdir(\/i)?:(.+)$/.exec(condition) ?? [];
  if (section !== 'includeif' || !pattern || !place.gitDir) return false;
  const wanted = globPattern(pattern, place, ignoreCase ? 'i' : '');
  return wanted.test(realpathSync(place.gitDir));
}

function expandPath(path: string, { file, home }: ConfigPlace): string {
  return path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(dirname(file), path);
}

function globPattern(pattern: string, place: ConfigPlace, flags: string): RegExp {
  let glob = pattern;
  if (/^(~|\.)\//.test(glob)) glob = expandPath(glob, place) + (glob.endsWith('/') ? '/' : '');
  else if (!glob.startsWith('/')) glob = `**/${glob}`;
  if (glob.endsWith('/')) glob += '**';
  const source = glob.replace(/\*\*\/|\*\*$|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    const wildcards: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
    return wildcards[part] ?? `\\${part}`;
  });
  return new RegExp(`^${source}$`, flags);
}
