import { SyncError } from '../core/errors.js';
import { parsePath } from '../core/object/path.js';

/** The folders of `.agent/cache` that hold artifacts, in byte order. */
export const KIND_FOLDERS: readonly string[] = ['plans', 'runbooks', 'stories'];

/** Markdown, also under the name that a merge gives a file whose place a folder took: `x.md~HEAD`. */
const MARKDOWN = /\.md(~.+)?$/;

/** Tells whether a file of this name is passed over without a word: hidden, or not Markdown. */
export function isIgnoredFile(name: string): boolean {
  return name.startsWith('.') || !MARKDOWN.test(name);
}

/**
 * Checks that a path is one that a scan could find: `*.md`, below a kind's folder, nothing hidden on the way.
 *
 * A tree from the origin may hold any safe path; this keeps it from being written over `agent.db`.
 *
 * @returns the components
 * @throws {SyncError} `PATH_UNSAFE`
 */
export function parseArtifactPath(path: string): string[] {
  const names = parsePath(path);
  const hidden = names.some((name) => name.startsWith('.'));
  if (hidden || names.length < 2 || !KIND_FOLDERS.includes(names[0]!) || isIgnoredFile(names.at(-1)!)) {
    throw new SyncError('PATH_UNSAFE', `path '${path.slice(0, 300)}' is not allowed on disk`, {
      hint: `Artifacts are files named *.md below ${KIND_FOLDERS.map((folder) => `${folder}/`).join(', ')}.`,
    });
  }
  return names;
}
