import { SyncError } from '../errors.js';
import { foldCase } from './fold-case.js';
import { IGNORED_BY_HFS, unsafeName } from './path.js';

/** Nearly every name, and none that any of the rules below could be about. */
const PLAIN_NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d) *(?:\.|$))[a-z0-9_-](?:[a-z0-9._ -]{0,98}[a-z0-9_-])?$/i;
/** Names that Windows gives to devices, in any folder and with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;
/** What git takes addresses of other repositories from, also by its short names in DOS. */
const GIT_MODULES = /^(?:\.gitmodules|gitmod~[1-4]|gi7eba~[1-9])$/i;

/**
 * Why a name may not be given to a new entry, or come from another party, or undefined when it may: what {@link unsafeName}
 * says, and what some disk takes for another name.
 *
 * @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function unportableName(name: string): string | undefined {
  if (PLAIN_NAME.test(name)) return undefined;
  const unsafe = unsafeName(name);
  if (unsafe) return unsafe;
  if (/[\u0080-\u009f]/.test(name)) return 'contains a control character';
  if (name.includes(':')) return 'contains a colon, which is a drive or a hidden stream on Windows';
  if (/[. ]$/.test(name)) return 'ends in a dot or a space, which Windows leaves out';
  if (DEVICE.test(name)) return 'is a device on Windows';
  if (GIT_MODULES.test(name.replace(IGNORED_BY_HFS, ''))) return 'is a file that git takes addresses from';
  return undefined;
}

/**
 * What two names have in common that are one on some disk: they differ in case, in how accents are written, or in characters
 * that macOS leaves out.
 */
export function foldName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this asks whether it is ASCII
  if (/^[\u0000-\u007f]*$/.test(name)) return name.toLowerCase();
  return foldCase(name.replace(IGNORED_BY_HFS, '').normalize('NFD'));
}

/**
 * Checks a path to be made: as `parsePath`, and that each disk can hold it.
 *
 * @returns the components
 * @throws {SyncError} `PATH_UNSAFE`
 */
export function requirePortable(path: string): void {
  for (const name of path.split('/')) {
    const reason = unportableName(name);
    if (!reason) continue;
    throw new SyncError(
      'PATH_UNSAFE',
      `path '${path.slice(0, 300)}' is not allowed: '${name.slice(0, 80)}' ${reason}`,
      {
        hint: 'Rename it.',
      },
    );
  }
}
