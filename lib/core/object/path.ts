import { SyncError } from '../errors.js';
import { LIMITS } from './limits.js';
import { encodeUtf8 } from './text.js';

/** Code points that macOS leaves out when it compares names. */
export const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** `.git`, also by its short name in DOS, with what Windows leaves out at the end, or as a stream of NTFS. */
const GIT_FOLDER = /^(\.git|git~1)[ .]*(:|$)/i;

/** Nearly every name, and none that any of the rules below could be about. */
const PLAIN_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._ -]{0,99}$/;

/** Why a name may not stand in any tree, nor on disk, or undefined when it may: it leaves its folder, is git's own, or is no name. */
export function unsafeName(name: string): string | undefined {
  if (PLAIN_NAME.test(name)) return undefined;
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'leaves its folder';
  if (GIT_FOLDER.test(name.replace(IGNORED_BY_HFS, ''))) return "is git's own folder";
  if (/[/\\]/.test(name)) return 'contains a path separator';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'contains a control character';
  if (/\p{Surrogate}/u.test(name)) return 'is not Unicode';
  // A UTF-16 unit takes three bytes at most; encoding each short name would cost a third of reading a tree.
  if (name.length * 3 > LIMITS.nameBytes && encodeUtf8(name).length > LIMITS.nameBytes) {
    return `is longer than ${LIMITS.nameBytes} bytes`;
  }
  return undefined;
}

/**
 * Checks a path of a tree: relative, `/` between components, no component that leaves the tree or hides in it.
 *
 * @returns the components
 * @throws {SyncError} `PATH_UNSAFE`
 */
export function parsePath(path: string): string[] {
  const names = path.split('/');
  if (names.length > LIMITS.pathDepth) {
    throw new SyncError('PATH_UNSAFE', `path '${path.slice(0, 80)}…' is deeper than ${LIMITS.pathDepth} folders`);
  }
  for (const name of names) {
    const reason = unsafeName(name);
    if (reason)
      throw new SyncError(
        'PATH_UNSAFE',
        `path '${path.slice(0, 300)}' is not allowed: '${name.slice(0, 80)}' ${reason}`,
      );
  }
  return names;
}
