import type { ConflictKind } from '../ports.js';

/** Something that git tells about a merge, as `git merge-tree -z` prints it. */
export interface MergeMessage {
  /** The path that it stands under in git's answer, then others that it is about. */
  readonly paths: readonly string[];
  /** Git's stable name, such as `Auto-merging` or `CONFLICT (contents)`. */
  readonly type: string;
  /** Without the newline at its end. */
  readonly text: string;
  /** What an unmerged path is called that this is the first to tell of; left out where it leaves none. */
  readonly kind?: ConflictKind;
}
