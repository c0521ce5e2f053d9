/**
 * Sizes nothing may exceed, checked before memory is spent on them.
 *
 * The origin enforces the same numbers in `lib/origin/sql`.
 */
export const LIMITS = {
  /** Bytes in an object's body; one always fits into a chunk of a push. */
  objectBytes: 2 * 1024 * 1024,
  /** Bytes in one component of a path. */
  nameBytes: 255,
  /** Components in a path. */
  pathDepth: 16,
  /** Bytes of a commit's trees, each counted as often as a path leads to it: 64 MiB is about 900,000 files. */
  treeBytes: 64 * 1024 * 1024,
  /** Parents of a commit. */
  parents: 64,
  /** The last second that a commit may be dated: in the year 33658, well within what `Date` can hold. */
  time: 999_999_999_999,
} as const;
