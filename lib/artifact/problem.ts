/** What can be wrong with an artifact. Import warns of it; `new-*` and `edit` refuse it. */
export type ProblemCode =
  | 'ID_MISSING'
  | 'ID_MISMATCH'
  | 'TITLE_MISSING'
  | 'TITLE_WITHOUT_ID'
  | 'STATE_MISSING'
  | 'STATE_UNREADABLE'
  | 'STATE_UNKNOWN'
  | 'STATE_IN_SECTION'
  | 'STATE_AMBIGUOUS'
  | 'SECTION_MISSING'
  | 'FRONTMATTER_INVALID'
  | 'MARKUP_TOO_DENSE';

/** One thing that is wrong, and where. */
export interface Problem {
  /** Counted from 1. */
  readonly line: number;
  readonly code: ProblemCode;
  /** One sentence without the file's name and line, which the caller puts before it. */
  readonly message: string;
}
