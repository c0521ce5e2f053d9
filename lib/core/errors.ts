/**
 * Every failure agent-sync reports on purpose, by stable code, with the exit code the command line gives it.
 *
 * Codes are part of the public interface: they are never renamed, and `docs/errors.md` lists each of them.
 * The numbers are git's: 128 for "cannot go on", 129 for "used wrongly".
 */
export const ERROR_CODES = {
  // usage and setup
  USAGE: 129,
  NOT_A_REPOSITORY: 128,
  CONFIG_INVALID: 128,
  IDENTITY_MISSING: 128,
  DEPENDENCY_MISSING: 128,
  // store
  STORE_CORRUPT: 128,
  STORE_TOO_NEW: 128,
  STORE_BUSY: 128,
  STORE_FAILED: 128,
  // objects, refs, revisions
  OBJECT_NOT_FOUND: 128,
  OBJECT_MALFORMED: 128,
  OBJECT_HASH_MISMATCH: 128,
  OBJECT_TOO_LARGE: 128,
  OBJECT_ERASED: 128,
  ERASURE_INVALID: 128,
  ACTOR_UNKNOWN: 128,
  OID_INVALID: 128,
  PATH_UNSAFE: 128,
  REF_NAME_INVALID: 128,
  REF_CHANGED: 128,
  REVISION_UNKNOWN: 128,
  REVISION_AMBIGUOUS: 128,
  UNRELATED_HISTORIES: 128,
  FAST_FORWARD_IMPOSSIBLE: 128,
  // artifacts and files
  ARTIFACT_UNKNOWN: 128,
  ARTIFACT_AMBIGUOUS: 128,
  ARTIFACT_INVALID: 128,
  FILE_NOT_FOUND: 128,
  FILE_UNREADABLE: 128,
  FILE_UNWRITABLE: 128,
  FILE_NOT_UTF8: 128,
  FILE_TOO_LARGE: 128,
  PATH_OUTSIDE_CACHE: 128,
  LOCAL_CHANGES: 128,
  CONTENT_BLOCKED: 128,
  EDITOR_FAILED: 128,
  BASE_UNKNOWN: 128,
  BASE_INVALID: 128,
  // merge
  MERGE_IN_PROGRESS: 128,
  MERGE_NOT_IN_PROGRESS: 128,
  MERGE_UNRESOLVED: 128,
  RESOLUTION_UNKNOWN: 128,
  HUNK_UNKNOWN: 128,
  CONFLICT_CHANGED: 128,
  INPUT_INVALID: 128,
  // queue
  INTENT_UNKNOWN: 128,
  // operations
  OPERATION_UNKNOWN: 128,
  UNDO_IMPOSSIBLE: 128,
  // login
  LOGIN_FAILED: 128,
  LOGIN_EXPIRED: 128,
  SERVICE_KEY_REFUSED: 128,
  CREDENTIALS_LOCKED: 128,
  CREDENTIALS_UNAVAILABLE: 128,
  CREDENTIALS_UNSAFE: 128,
  CREDENTIALS_DAMAGED: 128,
  CREDENTIALS_BUSY: 128,
  // origin
  ORIGIN_NOT_CONFIGURED: 128,
  ORIGIN_KEY_MISSING: 128,
  ORIGIN_UNREACHABLE: 128,
  ORIGIN_REFUSED: 128,
  MEMBER_EXISTS: 128,
  MEMBER_UNKNOWN: 128,
  REF_PROTECTED: 128,
  QUOTA_EXCEEDED: 128,
  ORIGIN_MISCONFIGURED: 128,
  ORIGIN_FAILED: 128,
  ORIGIN_BUSY: 128,
  REQUEST_INVALID: 128,
  ORIGIN_ANSWER_INVALID: 128,
  ID_TAKEN: 128,
  ABORTED: 130,
} as const;

/** The stable name of a failure; one of the keys of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What a {@link SyncError} carries besides its code and message. */
export interface SyncErrorOptions {
  /** What the user can do next: one sentence, without a complete destructive command. */
  readonly hint?: string;
  /** Seconds that the origin wants to be left alone for. */
  readonly retryAfter?: number;
  /** The failure underneath, shown only with `AGENT_DEBUG`. */
  readonly cause?: unknown;
}

/**
 * The one error class of agent-sync: a failure the program understood.
 *
 * Expected answers (conflicted, rejected, up to date) are values and never thrown.
 */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryAfter = options.retryAfter;
  }

  /** The process exit code for this failure, as git would give it. */
  get exitCode(): number {
    return ERROR_CODES[this.code];
  }
}
