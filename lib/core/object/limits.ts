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
} as const;
