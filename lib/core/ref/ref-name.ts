import { SyncError } from '../errors.js';
import type { RefName } from '../ports.js';

/** The symbolic ref that names the current branch. */
export const HEAD: RefName = 'HEAD';

/** What may stand nowhere in a ref name: control characters, space, `~^:?*[\`, `..`, `@{`, and empty components. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\//;
const FORBIDDEN_COMPONENT = /(^|\/)\.|\.lock(\/|$)/;

/** Tells whether `text` is `HEAD` or a full ref name, below `refs/`. */
export function isRefName(text: string): boolean {
  if (text === HEAD) return true;
  return (
    text.startsWith('refs/') &&
    !text.endsWith('/') &&
    !text.endsWith('.') &&
    !FORBIDDEN.test(text) &&
    !FORBIDDEN_COMPONENT.test(text)
  );
}

/**
 * Checks that `text` is `HEAD` or a full ref name, below `refs/`.
 *
 * @throws {SyncError} `REF_NAME_INVALID`
 * @see git-check-ref-format(1)
 */
export function parseRefName(text: string): RefName {
  if (isRefName(text)) return text;
  throw new SyncError('REF_NAME_INVALID', `'${text.slice(0, 200)}' is not a ref name, such as refs/heads/main`);
}
